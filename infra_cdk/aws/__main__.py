"""AWS as a command: `python -m infra_cdk.aws preflight|deploy|smoke`."""

import os
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from infra_cdk.app import configure
from infra_cdk.aws import account
from infra_cdk.aws.account import Check, Verdict
from infra_cdk.aws.deployed import Deployed, deployed
from infra_cdk.aws.preflight import passes, preflight
from infra_cdk.aws.rollout import Rollout, this_commit
from infra_cdk.aws.smoke import Given, smoke
from infra_cdk.aws.told import tell, tell_outputs, tell_way_back
from infra_cdk.aws.visitor import visited
from infra_cdk.commands import CommandError
from infra_cdk.config import Config
from infra_cdk.overrides import given, misspelt, pairs_of
from infra_cdk.page_build import built_page

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The download service on AWS.")
console = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)

Stage = Annotated[str, typer.Option(help="dev or prod, as in config.py.")]
Settings = Annotated[list[str] | None, typer.Option("-c", help="NAME=value, as in config.py.")]
SmokeFile = Annotated[int | None, typer.Option(envvar="SMOKE_FILE", help="A file that must come.")]
SmokeUser = Annotated[
    bool, typer.Option("--smoke-user", envvar="SMOKE_USER", help="Make a user for the smoke test.")
]
NOBODY = "Nobody can be asked: there is no terminal. YES=1 (--yes) deploys without the question."

LOST = (
    "The running stack was given {}, and this deployment is not. Give it again (ARGS), "
    "or say `-c NAME=` to have the stage's own value back."
)

UNREAD = "What the running stack was given cannot be read, so nobody looks whether it is lost: {}"


@app.command(name="preflight")
def look(stage: Stage = "dev", setting: Settings = None) -> None:
    """Look whether this account is ready; changes nothing."""
    _look(_config(stage, _context(setting)))


@app.command()
def deploy(
    stage: Stage = "dev",
    setting: Settings = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Deploy without the question.")] = False,
    smoke_file: SmokeFile = None,
    smoke_user: SmokeUser = False,
) -> None:
    """Look, show what would change, ask, deploy, try it, and say how to go back."""
    context = _context(setting)
    config = _config(stage, context)
    _look(config)
    commit = {"commit": found} if (found := this_commit()) else {}
    rollout = Rollout(stage, {**context, **commit})
    before = deployed(rollout.stack, account.aws)
    _keep(before, context, yes=yes)
    try:
        with console.status("synthesizing"):
            rollout.synthesize()
        rollout.diff()
        _ask(rollout.stack, yes=yes)
        outputs = rollout.deploy()
    except CommandError as problem:
        console.print(f"[red]✗[/] {escape(str(problem))}")
        raise typer.Exit(1) from None
    tell_outputs(console, outputs)
    asked = Given(os.environ, smoke_file, outputs.get("EdgeApiUrl"))
    good = _tell(_tried(outputs, config, asked) if smoke_user else smoke(outputs["ApiUrl"], config, asked))
    tell_way_back(console, stage, before)
    if not good:
        raise typer.Exit(1)


@app.command(name="smoke")
def try_it(
    api: Annotated[str, typer.Argument(help="The stack's ApiUrl.")],
    stage: Stage = "dev",
    setting: Settings = None,
    smoke_file: SmokeFile = None,
    edge: Annotated[str | None, typer.Option(help="The stack's EdgeApiUrl, where it has one.")] = None,
) -> None:
    """Try a deployed stack: its public routes, and one job where somebody is signed in."""
    if not _tell(smoke(api, _config(stage, _context(setting)), Given(os.environ, smoke_file, edge))):
        raise typer.Exit(1)


def _context(pairs: list[str] | None) -> dict[str, str]:
    try:
        return pairs_of(pairs or [])
    except ValueError as wrong:
        raise typer.BadParameter(str(wrong)) from None


def _config(stage: str, context: dict[str, str]) -> Config:
    for line in misspelt(os.environ):
        console.print(f"[yellow]![/] {escape(line)}")
    try:
        config = configure(stage, "aws", "", given(os.environ, context))
        if config.demo_page:
            built_page()
        return config
    except (ValueError, FileNotFoundError) as wrong:
        console.print(f"[red]✗[/] {escape(str(wrong))}")
        raise typer.Exit(1) from None


def _look(config: Config) -> None:
    checks = preflight(config, account.aws)
    tell(console, f"Preflight of downloads-{config.stage}", checks)
    if not passes(checks):
        raise typer.Exit(1)


def _keep(before: Deployed | None, context: dict[str, str], *, yes: bool) -> None:
    """Tell of settings that would be lost; ends the command where nobody will be asked."""
    if before and before.unread:
        console.print(f"[yellow]?[/] {escape(UNREAD.format(before.unread))}")
    named = {name for name, text in given(os.environ, context).items() if text} | set(context)
    lost = before.lost(named) if before else []
    if lost:
        console.print(f"[yellow]![/] {escape(LOST.format(', '.join(lost)))}")
    if lost and yes:
        raise typer.Exit(1)


def _ask(stack: str, *, yes: bool) -> None:
    """Ends the command unless somebody says yes."""
    if yes:
        return
    if not sys.stdin.isatty():
        console.print(f"[red]✗[/] {NOBODY}")
        raise typer.Exit(1)
    if not typer.confirm(f"Deploy this to {stack}?", err=True):
        console.print("Nothing was deployed.")
        raise typer.Exit(1)


def _tried(outputs: dict[str, str], config: Config, asked: Given) -> list[Check]:
    """The smoke test as somebody who is there for it alone."""
    return visited(
        outputs, account.aws, lambda token: smoke(outputs["ApiUrl"], config, asked.signed_in(token))
    )


def _tell(checks: list[Check]) -> bool:
    tell(console, "Smoke test", checks)
    return all(check.verdict is not Verdict.FAIL for check in checks)


if __name__ == "__main__":
    app()
