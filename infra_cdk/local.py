"""The local cloud as a command: `python -m infra_cdk.local up|down|outputs|env`."""

import signal
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from infra_cdk.built import ROOT
from infra_cdk.cloud import LocalCloud
from infra_cdk.commands import CommandError
from infra_cdk.config import for_stage
from infra_cdk.emulator import EmulatorError
from infra_cdk.overrides import parse
from infra_cdk.steps import timed

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The download service on this machine.")
console = Console(stderr=True)

State = Annotated[Path, typer.Option(help="Folder of this cloud: its log, its outputs, its temporary files.")]
HERE = ROOT / ".local"


def _settings(pairs: list[str]) -> dict[str, str]:
    """`NAME=value` texts as a mapping. Raises typer.BadParameter for anything else."""
    wrong = [pair for pair in pairs if "=" not in pair]
    if wrong:
        raise typer.BadParameter(f"{wrong[0]!r} is not NAME=value")
    return dict(pair.split("=", 1) for pair in pairs)


@app.command()
def up(
    stage: str = "dev",
    port: Annotated[int | None, typer.Option(help="Default: 4566, or a free port where it is taken.")] = None,
    setting: Annotated[list[str] | None, typer.Option("-c", help="NAME=value, as in config.py.")] = None,
    state: State = HERE,
) -> None:
    """Start the emulator, deploy the stack, upload sample files. Run again, it deploys the changes."""
    context = _settings(setting or [])
    # A terminated `up` cleans up as an interrupted one does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    cloud = LocalCloud(state, port, timed(console))
    already = cloud.find()
    try:
        if not already:
            cloud.start(attached=False)
        _fill(cloud, stage, context)
    except BaseException as problem:
        if not already:
            cloud.stop()
        if isinstance(problem, CommandError | EmulatorError | ValueError):
            console.print(f"[red]✗[/] {problem}", highlight=False, markup=True)
            raise typer.Exit(1) from None
        raise
    outputs(state)


def _fill(cloud: LocalCloud, stage: str, context: dict[str, str]) -> None:
    config = for_stage(stage, **parse(context))
    cloud.deploy(stage, context)
    for problem in cloud.warm():
        console.print(f"[yellow]![/] {problem}", highlight=False)
    cloud.seed(config.key_template)
    _write_env(cloud)


def _write_env(cloud: LocalCloud) -> None:
    (cloud.state / "env").write_text(f"export DELINEATE_API_URL={cloud.outputs['ApiUrl']}\n")


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
    """Print the variables for the command line client: `source <(make env)`."""
    _running(state)
    typer.echo((state / "env").read_text(), nl=False)


def _running(state: Path) -> LocalCloud:
    cloud = LocalCloud(state)
    if not cloud.find():
        console.print("nothing is running: `make up` starts it", highlight=False)
        raise typer.Exit(1)
    return cloud


if __name__ == "__main__":
    app()
