"""cdk-nag stands in the way of what it finds fault with, and what it excuses is explained."""

import ast
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from aws_cdk import App, aws_sqs
from aws_cdk.assertions import Template

from infra_cdk import app as cdk_app
from infra_cdk.function import Assets

SOURCES = sorted(Path(cdk_app.__file__).parent.glob("*.py"))


@pytest.mark.parametrize(
    "deployment", ["dev", "prod", "local", "existing", "elsewhere", "another_issuer", "anybody", "tuned"]
)
def test_nothing_is_found_in_any_deployment(request: pytest.FixtureRequest, deployment: str) -> None:
    template: Template = request.getfixturevalue(deployment)
    assert template.to_json()["Resources"]


def test_a_finding_stops_the_synthesis(new_app: Callable[[], App], assets: Assets) -> None:
    app = new_app()
    config = cdk_app.configure("dev", "aws", "", {})
    stack = cdk_app.build(app, config, target="aws", assets=assets)
    aws_sqs.Queue(stack, "careless")
    with pytest.raises(RuntimeError, match="AwsSolutions-SQS3"):
        app.synth()


def test_the_infrastructure_knows_the_functions_by_name_only() -> None:
    imported = {
        name.split(".")[0]
        for source in SOURCES
        for node in ast.walk(ast.parse(source.read_text()))
        for name in _imports(node)
    }
    assert not imported & {"functions", "downloads", "delineate"}


def _imports(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


def test_constructs_do_not_ask_which_target_they_are_for() -> None:
    knowing = {"app.py", "addresses.py", "cloud.py", "deploy.py"}
    pattern = re.compile(r"\btarget\b|localstack|ministack|/_aws/", re.IGNORECASE)
    constructs = {
        "storage.py",
        "processing.py",
        "progress.py",
        "http_api.py",
        "http_functions.py",
        "function.py",
    }
    constructs |= {"websocket_api.py", "queues.py", "stack.py", "monitoring.py", "environment.py", "logs.py"}
    constructs |= {"webhooks.py", "identity.py", "user_pool.py", "encryption.py", "key_policy.py"}
    constructs |= {"alarms.py", "alarm_topic.py", "dashboard.py", "panels.py", "ratios.py", "costs.py"}
    constructs |= {"schedule.py", "connections.py", "http_routes.py", "repair.py"}
    constructs |= {"demo_page.py", "demo_page_calls.py", "demo_page_headers.py", "demo_page_upload.py"}
    assert not constructs & knowing
    asking = [
        source.name for source in SOURCES if source.name in constructs and pattern.search(source.read_text())
    ]
    assert asking == []
