"""With CANARY, every caller goes by the alias, and CodeDeploy moves it while alarms judge."""

import json
from typing import Any

import pytest
from aws_cdk.assertions import Template

from infra_cdk.app import configure
from infra_cdk.config import for_stage
from infra_cdk.release import LIVE
from tests.infra.conftest import ENDPOINT, Synthesize
from tests.infra.policies import policy
from tests.infra.templates import one, resources
from tests.infra.test_roles import ALLOWED

FROM_OPERATORS = {"redrive_files", "forget_user"}
"""Called by their names with an operator's own credentials, and by nothing of the stack."""


@pytest.fixture(scope="session")
def canary(synthesize: Synthesize) -> Template:
    """A new version takes over by degrees; all else as in development."""
    return synthesize("dev", CANARY="Canary10Percent15Minutes")


def aliases(template: Template) -> dict[str, str]:
    """The alias of each function, by the function's logical id."""
    return {
        found["Properties"]["FunctionName"]["Ref"]: name
        for name, found in resources(template, "AWS::Lambda::Alias").items()
    }


def functions(template: Template) -> dict[str, str]:
    """The file of each function by its logical id."""
    found = resources(template, "AWS::Lambda::Function").items()
    return {name: each["Properties"]["Handler"].split(".")[0] for name, each in found}


def test_every_function_has_the_alias_and_it_names_the_newest_version(canary: Template) -> None:
    assert set(aliases(canary)) == set(functions(canary))
    for found in resources(canary, "AWS::Lambda::Alias").values():
        assert found["Properties"]["Name"] == LIVE
        version = found["Properties"]["FunctionVersion"]["Fn::GetAtt"][0]
        assert (
            resources(canary, "AWS::Lambda::Version")[version]["Properties"]["FunctionName"]
            == (found["Properties"]["FunctionName"])
        )


def test_a_version_stays_when_a_newer_one_is_deployed(canary: Template) -> None:
    """Or there is nothing to move the alias back to, once CloudFormation has tidied up; one that was undone
    as it was made does not stay.
    """
    versions = resources(canary, "AWS::Lambda::Version").values()
    assert {each["DeletionPolicy"] for each in versions} == {"RetainExceptOnCreate"}
    assert {each["UpdateReplacePolicy"] for each in versions} == {"Retain"}


def callers(template: Template) -> str:
    """All that has a function called: sources of events, routes, the authorizer, rules, rights."""
    kinds = (
        "AWS::Lambda::EventSourceMapping",
        "AWS::ApiGatewayV2::Integration",
        "AWS::ApiGatewayV2::Authorizer",
        "AWS::Events::Rule",
        "AWS::Lambda::Permission",
        "AWS::Lambda::EventInvokeConfig",
    )
    return json.dumps([resources(template, kind) for kind in kinds])


def test_nothing_calls_a_function_but_by_its_alias(canary: Template) -> None:
    text, wanted = callers(canary), aliases(canary)
    for function, file in functions(canary).items():
        assert f'{{"Fn::GetAtt": ["{function}", "Arn"]}}' not in text, file
        assert f'{{"Ref": "{wanted[function]}"}}' in text or file in FROM_OPERATORS, file


def test_runs_that_fail_by_the_alias_are_kept_too(canary: Template) -> None:
    for found in resources(canary, "AWS::Lambda::EventInvokeConfig").values():
        named = json.dumps(found["Properties"]["Qualifier"])
        assert any(f'{{"Ref": "{alias}"}}' in named for alias in aliases(canary).values())


def test_codedeploy_moves_each_alias_and_goes_back_when_an_alarm_rings(canary: Template) -> None:
    groups = resources(canary, "AWS::CodeDeploy::DeploymentGroup")
    moved = [
        found["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]["DeploymentGroupName"]["Ref"]
        for found in resources(canary, "AWS::Lambda::Alias").values()
    ]
    assert sorted(moved) == sorted(groups)
    for found in (each["Properties"] for each in groups.values()):
        assert found["DeploymentConfigName"] == "CodeDeployDefault.LambdaCanary10Percent15Minutes"
        assert set(found["AutoRollbackConfiguration"]["Events"]) == {
            "DEPLOYMENT_FAILURE",
            "DEPLOYMENT_STOP_ON_ALARM",
            "DEPLOYMENT_STOP_ON_REQUEST",
        }
        # CodeDeploy takes ten; two are the service's own, two or three the function's.
        judging = [alarm["Name"]["Ref"] for alarm in found["AlarmConfiguration"]["Alarms"]]
        assert 4 <= len(judging) <= 5
        assert found["AlarmConfiguration"]["Enabled"] is True
        assert not any("notempty" in alarm or "silence" in alarm for alarm in judging)


def test_codedeploys_role_moves_these_aliases_and_nothing_else(canary: Template) -> None:
    role = one(canary, "AWS::IAM::Role", "releasesrole")
    assert "ManagedPolicyArns" not in role
    (statements,) = (
        each["Properties"]["PolicyDocument"]["Statement"]
        for name, each in resources(canary, "AWS::IAM::Policy").items()
        if name.startswith("releasesrole")
    )
    moving, describing = statements
    assert moving["Action"] == [
        "lambda:GetAlias",
        "lambda:GetProvisionedConcurrencyConfig",
        "lambda:UpdateAlias",
    ]
    assert len(moving["Resource"]) == 2 * len(functions(canary))
    assert "*" not in json.dumps(moving["Resource"])
    assert (describing["Action"], describing["Resource"]) == ("cloudwatch:DescribeAlarms", "*")


@pytest.mark.parametrize("function", ALLOWED)
def test_functions_may_do_what_they_may_without(canary: Template, function: str) -> None:
    assert policy(canary, function) == sorted(ALLOWED[function])


def test_concurrency_is_still_the_mappings(canary: Template, dev: Template) -> None:
    def limits(template: Template) -> list[Any]:
        found = resources(template, "AWS::Lambda::EventSourceMapping").values()
        return sorted(json.dumps(each["Properties"].get("ScalingConfig")) for each in found)

    assert limits(canary) == limits(dev)


def test_without_it_there_is_neither_alias_nor_version(
    dev: Template, prod: Template, local: Template
) -> None:
    for template in (dev, prod, local):
        for kind in ("AWS::Lambda::Alias", "AWS::Lambda::Version", "AWS::CodeDeploy::DeploymentGroup"):
            assert resources(template, kind) == {}


def test_the_emulator_leaves_it_off_and_another_word_is_refused() -> None:
    settings = {"CANARY": "Canary10Percent5Minutes"}
    assert configure("dev", "aws", ENDPOINT, settings).has_canary
    assert not configure("dev", "local", ENDPOINT, settings).has_canary
    with pytest.raises(ValueError, match="CANARY is 'slowly': none, or one of Canary10Percent5Minutes"):
        for_stage("dev", canary="slowly")
