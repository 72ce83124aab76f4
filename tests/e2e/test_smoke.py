"""The smoke test of `make deploy` on the deployed stack, by a user who is there for it alone."""

import os
from pathlib import Path

from infra_cdk.aws.account import Verdict
from infra_cdk.aws.smoke import Given, smoke
from infra_cdk.aws.visitor import PREFIX, visited
from infra_cdk.config import for_stage
from tests.e2e.conftest import Service


def test_a_visitor_of_its_own_gets_a_file_and_is_gone(service: Service, tmp_path: Path) -> None:
    outputs = service.cloud.outputs
    asked = Given({**os.environ, "DELINEATE_CREDENTIALS": str(tmp_path / "credentials.json")}, 70000)
    checks = visited(
        outputs,
        service.cloud.client,
        lambda token: smoke(outputs["ApiUrl"], for_stage("dev"), asked.signed_in(token)),
    )
    assert [check.verdict for check in checks] == [Verdict.OK] * 4
    assert checks[-1].found.startswith("70000 came")
    users = service.cloud.client("cognito-idp").list_users(UserPoolId=outputs["UserPoolId"])["Users"]
    assert not [user for user in users if user["Username"].startswith(PREFIX)]
