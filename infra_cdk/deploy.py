"""Deploying to an emulator with the pinned CDK command, as `cdk deploy` deploys to AWS."""

import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from infra_cdk.built import ROOT
from infra_cdk.commands import run

CDK = ROOT / "infra_cdk" / "node_modules" / ".bin" / "cdk"
ACCOUNT, REGION = "000000000000", "us-east-1"


def credentials(endpoint: str) -> dict[str, str]:
    """The AWS variables by which every SDK reaches the emulator, and nothing but it."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def variables(endpoint: str, outer: Mapping[str, str]) -> dict[str, str]:
    """The caller's environment with its AWS setup taken out and the emulator's put in."""
    kept = {name: value for name, value in outer.items() if not name.startswith("AWS_")}
    quiet = {
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
        "PYTHONPATH": str(ROOT),
    }
    return {**kept, **quiet, **credentials(endpoint)}


def bootstrap(environment: Mapping[str, str], folder: Path) -> None:
    """Create the bucket and the roles that every CDK deployment needs. Raises CommandError."""
    target = f"aws://{ACCOUNT}/{REGION}"
    run([str(CDK), "bootstrap", "--no-notices", target], environment=environment, folder=folder)


def deploy_command(output: Path, outputs: Path, context: Mapping[str, str]) -> list[str]:
    """The `cdk deploy` of the stack, without questions; assembly and outputs go where the caller says."""
    pairs = [part for name, value in context.items() for part in ("-c", f"{name}={value}")]
    app = f"{sys.executable} -m infra_cdk.app"
    files = ["--app", app, "--output", str(output), "--outputs-file", str(outputs)]
    manner = ["--require-approval", "never", "--no-notices", "--progress", "events"]
    return [str(CDK), "deploy", "--all", *files, *manner, *pairs]


def deploy(environment: Mapping[str, str], state: Path, context: Mapping[str, str]) -> dict[str, str]:
    """Deploy the stack and return its outputs by name.

    Raises:
        CommandError: synthesis or deployment failed, with what the CDK command said.
    """
    assembly, outputs = state / "cdk.out", state / "outputs.cdk.json"
    shutil.rmtree(assembly, ignore_errors=True)
    command = deploy_command(assembly, outputs, context)
    run(command, environment=environment, folder=ROOT / "infra_cdk")
    (values,) = json.loads(outputs.read_text()).values()
    outputs.unlink()
    return dict(values)
