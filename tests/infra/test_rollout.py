"""A deployment to AWS: nothing without a yes, the way back, and stages that differ in config.py alone."""

import io
import json
import re
import shlex
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import typer
from aws_cdk import App, CfnResource, Stack
from aws_cdk.assertions import Template
from botocore.exceptions import ClientError
from rich.console import Console
from typer.testing import CliRunner

from infra_cdk import app as cdk_app
from infra_cdk.aws import __main__ as command
from infra_cdk.aws import told
from infra_cdk.aws.deployed import Deployed, deployed
from infra_cdk.config import STAGES
from infra_cdk.function import Assets
from infra_cdk.overrides import arguments


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


def way_back(before: Deployed | None) -> str:
    return said(lambda console: told.tell_way_back(console, "prod", before))


def test_the_way_back_is_the_commit_that_was_deployed_before() -> None:
    assert "git checkout 4711abc && make deploy STAGE=prod\n" in way_back(Deployed("4711abc"))
    dirty = way_back(Deployed("4711abc-dirty"))
    assert "git checkout 4711abc && " in dirty
    assert "not in git" in dirty


def test_the_way_back_has_the_settings_that_were_given_before_but_no_secret() -> None:
    settings = {"BUCKET_NAME": "our files", "KEY_TEMPLATE": "$a/{file_id}", "SENTRY_DSN": "https://k@s/1"}
    text = way_back(Deployed("4711abc", arguments({**settings, "EDGE": ""})))
    command = next(line for line in text.splitlines() if "make deploy" in line)
    (given,) = (word for word in shlex.split(command) if word.startswith("ARGS="))
    words = shlex.split(given.removeprefix("ARGS=").replace("$$", "$"))
    assert words == [
        *("-c", "BUCKET_NAME=our files"),
        *("-c", "KEY_TEMPLATE=$a/{file_id}"),
        *("-c", "SENTRY_DSN=***"),
    ]
    assert "give it again" in text


def test_only_a_stage_that_was_not_there_is_destroyed_to_go_back() -> None:
    assert "cdk destroy" in way_back(None)
    assert "cdk destroy" not in way_back(Deployed())
    assert "not known" in way_back(Deployed())


def refused(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "DescribeStacks")


def test_what_was_deployed_before_is_the_stacks_outputs() -> None:
    faults = {
        "downloads-new": refused("ValidationError", "Stack with id downloads-new does not exist"),
        "downloads-closed": refused("AccessDenied", "not authorized to perform: DescribeStacks"),
    }
    outputs = {"Commit": "4711abc", "Settings": "-c BUCKET_NAME=our-files"}

    class CloudFormation:
        def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803 # boto3's name
            if StackName in faults:
                raise faults[StackName]
            told = [{"OutputKey": name, "OutputValue": value} for name, value in outputs.items()]
            return {"Stacks": [{"Outputs": told if StackName == "downloads-dev" else []}]}

    found = {stage: deployed(f"downloads-{stage}", lambda _: CloudFormation()) for stage in STAGES}
    assert found == {"dev": Deployed("4711abc", "-c BUCKET_NAME=our-files"), "prod": Deployed()}
    assert deployed("downloads-new", lambda _: CloudFormation()) is None
    closed = deployed("downloads-closed", lambda _: CloudFormation())
    assert closed == Deployed(unread="AccessDenied: not authorized to perform: DescribeStacks")


def test_settings_that_cannot_be_read_are_told_and_stop_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    command._keep(Deployed(unread="AccessDenied: no"), {}, yes=True)
    assert "cannot be read" in capsys.readouterr().err


def test_a_setting_that_would_be_lost_ends_what_nobody_is_asked_about(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Deployed("4711abc", "-c BUCKET_NAME=our-files -c EDGE=true -c CANARY=none")
    monkeypatch.setenv("DELINEATE_CANARY", "none")
    with pytest.raises(typer.Exit) as ended:
        command._keep(before, {"BUCKET_NAME": "our-files"}, yes=True)
    assert ended.value.exit_code == 1
    assert "was given EDGE, and" in capsys.readouterr().err
    command._keep(before, {"BUCKET_NAME": "our-files"}, yes=False)
    assert "was given EDGE, and" in capsys.readouterr().err


def test_a_setting_that_is_named_empty_goes_back_to_the_stages_own(
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = Deployed("4711abc", "-c EDGE=true")
    command._keep(before, {"EDGE": ""}, yes=True)
    command._keep(Deployed(), {}, yes=True)
    command._keep(None, {}, yes=True)
    assert capsys.readouterr().err == ""


def test_a_stack_tells_its_commit_and_its_settings(new_app: Callable[[], App]) -> None:
    stack, plain = Stack(new_app(), "downloads-dev"), Stack(new_app(), "downloads-dev")
    cdk_app.tell(stack, "4711abc", {"EDGE": "true", "S3_SECRET_ACCESS_KEY": "hidden", "CANARY": ""})
    cdk_app.tell(plain, "4711abc", {"EDGE": ""})
    for each in (stack, plain):
        CfnResource(each, "any", type="AWS::SNS::Topic")  # a template without any is refused
    told_by = [Template.from_stack(each).to_json()["Outputs"] for each in (stack, plain)]
    values = [{name: output["Value"] for name, output in outputs.items()} for outputs in told_by]
    settings = "-c 'S3_SECRET_ACCESS_KEY=***' -c EDGE=true"
    assert values == [{"Commit": "4711abc", "Settings": settings}, {"Commit": "4711abc"}]


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
