"""The local cloud as a command: `python -m infra_cdk.local up|down|outputs|env`."""

import json
import os
import shlex
import signal
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from infra_cdk.built import ROOT
from infra_cdk.cloud import CREDENTIALS, LocalCloud
from infra_cdk.commands import CommandError
from infra_cdk.config import Config, for_stage
from infra_cdk.demo_page_files import offered
from infra_cdk.overrides import given, misspelt, pairs_of, parse
from infra_cdk.page_build import built_page
from infra_cdk.server import StartError
from infra_cdk.steps import timed
from infra_cdk.users import write_private

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The download service on this machine.")
console = Console(stderr=True, emoji=False)

State = Annotated[Path, typer.Option(help="Folder of this cloud: its log, its outputs, its temporary files.")]
HERE = ROOT / ".local"
DEMO_USER = "demo"
SOMETIMES = (
    "METRICS_URL",
    "METRICS_TOKEN",
    "DELINEATE_USER_POOL_ID",
    "DELINEATE_USERNAME",
    "DELINEATE_PASSWORD",
    "DELINEATE_CREDENTIALS",
)


class S3Server(StrEnum):
    """The S3 servers that can be had without Docker."""

    SEAWEEDFS = "seaweedfs"


def _settings(pairs: list[str]) -> dict[str, str]:
    """`NAME=value` texts as a mapping. Raises typer.BadParameter for another form or an unknown name."""
    try:
        return pairs_of(pairs)
    except ValueError as wrong:
        raise typer.BadParameter(str(wrong)) from None


@app.command()
def up(  # noqa: PLR0913, PLR0917 # the options of the command
    stage: str = "dev",
    port: Annotated[int | None, typer.Option(help="Default: 4566, or a free port where it is taken.")] = None,
    setting: Annotated[list[str] | None, typer.Option("-c", help="NAME=value, as in config.py.")] = None,
    page_port: Annotated[
        int | None, typer.Option(help="Of the demo page; default: 4580, or a free one.")
    ] = None,
    s3: Annotated[
        S3Server | None, typer.Option(help="A real S3 server for the files, beside the emulator.")
    ] = None,
    state: State = HERE,
) -> None:
    """Start the emulator, deploy the stack, upload sample files. Run again, it deploys the changes."""
    context = _settings(setting or [])
    for line in misspelt(os.environ):
        console.print(f"[yellow]![/] {escape(line)}", highlight=False)
    # A terminated `up` cleans up as an interrupted one does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    cloud = LocalCloud(state, port, timed(console), seaweedfs=s3 is not None)
    try:
        config = for_stage(stage, **parse(given(os.environ, context)))
        if s3:
            _refuse_another_place(config)
        _bring_up(cloud, config, context, page_port)
    except (CommandError, StartError, FileNotFoundError, ValueError) as problem:
        console.print(f"[red]✗[/] {escape(str(problem))}", highlight=False)
        raise typer.Exit(1) from None
    for name in ("ApiUrl", "DocsUrl", "WebSocketUrl", "DemoPageUrl"):
        if name in cloud.outputs:
            typer.echo(f"{name}={cloud.outputs[name]}")
    if cloud.store:
        typer.echo(f"S3Url={cloud.store.endpoint}")


def _refuse_another_place(config: Config) -> None:
    """Raises ValueError: files cannot be at two S3 servers."""
    if config.s3_endpoint_url or config.bucket_name or config.bundle_bucket_name:
        raise ValueError(
            "S3=seaweedfs brings its own server and buckets: leave S3_ENDPOINT_URL and BUCKET_NAME out"
        )


def _bring_up(cloud: LocalCloud, config: Config, context: dict[str, str], page_port: int | None) -> None:
    if config.demo_page:
        built_page()  # before anything starts
    if cloud.find():
        _fill(cloud, config, context, page_port)
        return
    try:
        cloud.start(attached=False)
        _fill(cloud, config, context, page_port)
    except BaseException:
        cloud.stop()
        raise


def _fill(cloud: LocalCloud, config: Config, context: dict[str, str], page_port: int | None) -> None:
    cloud.deploy(config.stage, context)
    for problem in cloud.warm():
        console.print(f"[yellow]![/] {escape(problem)}", highlight=False)
    # A bucket that was named is somebody else's, or on another server: nothing is put there.
    if config.bucket_name is None:
        cloud.seed(config.key_template)
    if config.demo_page:
        cloud.show_page(built_page(), offered(config), page_port)
    _write_env(cloud)


def _write_env(cloud: LocalCloud) -> None:
    client = Path(sys.executable).parent
    told = {
        "DELINEATE_API_URL": cloud.outputs["ApiUrl"],
        "DELINEATE_STACK": cloud.outputs["StackName"],
        "WEBHOOK_SECRET": webhook_secret(cloud),
        **metrics_token(cloud),
        **demo_user(cloud),
    }
    lines = [f"export {name}={shlex.quote(value)}" for name, value in {**told, **cloud.environment}.items()]
    # What an earlier deployment told this shell, and this one has not.
    lines += [f"unset {name}" for name in SOMETIMES if name not in told]
    text = "\n".join([*lines, f'export PATH="{client}:$PATH"']) + "\n"
    write_private(cloud.state / "env", text)


def demo_user(cloud: LocalCloud) -> dict[str, str]:
    """Who `delineate login` signs in here, and where it keeps tokens, if the stack has users of its own."""
    if cloud.users is None:
        return {}
    return {
        "DELINEATE_USER_POOL_ID": cloud.outputs["UserPoolId"],
        "DELINEATE_USERNAME": DEMO_USER,
        "DELINEATE_PASSWORD": cloud.users.password(DEMO_USER),
        "DELINEATE_CREDENTIALS": str(cloud.state / CREDENTIALS),
    }


def webhook_secret(cloud: LocalCloud) -> str:
    """What a receiver on this machine verifies with."""
    secrets = cloud.client("secretsmanager")
    value = secrets.get_secret_value(SecretId=cloud.outputs["WebhookSecretArn"])["SecretString"]
    return f"whsec_{json.loads(value)['current']}"


def metrics_token(cloud: LocalCloud) -> dict[str, str]:
    """What GET /metrics asks for, where there is one."""
    if "MetricsTokenArn" not in cloud.outputs:
        return {}
    secrets = cloud.client("secretsmanager")
    token = secrets.get_secret_value(SecretId=cloud.outputs["MetricsTokenArn"])["SecretString"]
    return {"METRICS_URL": cloud.outputs["MetricsUrl"], "METRICS_TOKEN": token}


@app.command()
def down(state: State = HERE) -> None:
    """Stop what `up` started, and nothing else."""
    ended = LocalCloud(state).stop()
    console.print("stopped" if ended else "nothing was running", highlight=False)


@app.command()
def outputs(state: State = HERE) -> None:
    """Show where the running stack answers."""
    for name, value in _running(state).outputs.items():
        typer.echo(f"{name}={value}")


@app.command()
def env(state: State = HERE) -> None:
    """Print the variables for the client and for AWS tools: `source <(make env)`."""
    # Written anew: the secret of the webhooks may have been changed since.
    _write_env(_running(state))
    typer.echo((state / "env").read_text(), nl=False)


def _running(state: Path) -> LocalCloud:
    cloud = LocalCloud(state)
    if not cloud.find():
        console.print("nothing is running: `make up` starts it", highlight=False)
        raise typer.Exit(1)
    return cloud


if __name__ == "__main__":
    app()
