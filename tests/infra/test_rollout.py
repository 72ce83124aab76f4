"""A deployment to AWS: nothing without a yes, the way back, and stages that differ in config.py alone."""

import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import typer
from aws_cdk import App
from aws_cdk.assertions import Template
from botocore.exceptions import ClientError
from rich.console import Console
from typer.testing import CliRunner

from infra_cdk import app as cdk_app
from infra_cdk.aws import __main__ as command
from infra_cdk.aws import rollout, told
from infra_cdk.config import STAGES
from infra_cdk.function import Assets


def said(tell: Callable[[Console], None]) -> str:
    paper = io.StringIO()
    tell(Console(file=paper, width=200, soft_wrap=True))
    return paper.getvalue()


def test_without_a_terminal_nobody_is_asked_and_nothing_is_deployed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(typer.Exit) as ended:
        command._ask("downloads-dev", yes=False)
    assert ended.value.exit_code == 1
    assert "YES=1" in capsys.readouterr().err


def test_yes_asks_nothing() -> None:
    command._ask("downloads-dev", yes=True)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--stage", "test"], "STAGE is 'test': one of dev, prod"),
        (["-c", "WEBHOOK_ALLOW_PRIVATE=true"], "is for a laptop"),
        (["--stage", "prod", "-c", "AUTH_MODE=none"], "AUTH_MODE"),
        (["-c", "MAX_CONCURENCY=9"], "MAX_CONCURENCY is no setting"),
    ],
)
def test_a_wrong_setting_stops_before_anything_is_asked_of_aws(words: list[str], why: str) -> None:
    done = CliRunner().invoke(command.app, ["preflight", *words])
    assert done.exit_code != 0
    assert why in done.output


def test_the_way_back_is_the_commit_that_was_deployed_before() -> None:
    text = said(lambda console: told.tell_way_back(console, "prod", "4711abc"))
    assert "git checkout 4711abc && make deploy STAGE=prod" in text
    dirty = said(lambda console: told.tell_way_back(console, "prod", "4711abc-dirty"))
    assert "git checkout 4711abc && " in dirty
    assert "not in git" in dirty
    assert "cdk destroy" in said(lambda console: told.tell_way_back(console, "dev", None))


def test_what_was_deployed_before_is_the_stacks_output() -> None:
    class CloudFormation:
        def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803 # boto3's name
            if StackName != "downloads-dev":
                raise ClientError({"Error": {"Code": "ValidationError"}}, "DescribeStacks")
            return {"Stacks": [{"Outputs": [{"OutputKey": rollout.COMMIT, "OutputValue": "4711abc"}]}]}

    assert rollout.deployed_commit("downloads-dev", lambda _: CloudFormation()) == "4711abc"
    assert rollout.deployed_commit("downloads-prod", lambda _: CloudFormation()) is None


def without_names(template: Template) -> Any:
    """The template without its stage's name, and without the digests of names that logical ids end with."""
    text = re.sub("[0-9A-F]{8}", "", json.dumps(template.to_json()))
    return json.loads(text.replace("dev", "prod"))


def test_stages_differ_by_their_values_in_config_and_by_nothing_else(
    new_app: Callable[[], App], assets: Assets, prod: Template
) -> None:
    as_prod = replace(STAGES["prod"], stage="dev")
    stack = cdk_app.build(new_app(), as_prod, target="aws", assets=assets)
    assert without_names(Template.from_stack(stack)) == without_names(prod)
