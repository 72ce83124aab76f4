"""What a deployment says on the terminal: its checks, its outputs, and the way back."""

import shlex
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.markup import escape

from infra_cdk.aws.account import Check, Verdict
from infra_cdk.aws.deployed import Deployed
from infra_cdk.overrides import HIDDEN

MARKS = {
    Verdict.OK: "[green]✓[/]",
    Verdict.WARN: "[yellow]![/]",
    Verdict.FAIL: "[red]✗[/]",
    Verdict.UNKNOWN: "[yellow]?[/]",
}
FIRST = (
    "ApiUrl",
    "DocsUrl",
    "WebSocketUrl",
    "DemoPageUrl",
    "EdgeUrl",
    "BucketName",
    "DashboardName",
    "AlarmTopicArn",
)
"""The outputs that a person needs next; all of them are the stack's own."""


def tell(console: Console, title: str, checks: Sequence[Check]) -> None:
    """A line a check, and below it what to do unless all is well."""
    console.print(f"[bold]{title}[/]")
    for check in checks:
        console.print(f"{MARKS[check.verdict]} {check.name}: {escape(check.found)}")
        if check.remedy and check.verdict is not Verdict.OK:
            console.print(f"    {escape(check.remedy)}")


def tell_outputs(console: Console, outputs: Mapping[str, str]) -> None:
    """Where the stack answers."""
    for name in FIRST:
        if name in outputs:
            console.print(f"  {name:<14}{escape(outputs[name])}")


def tell_way_back(console: Console, stage: str, before: Deployed | None) -> None:
    """How to undo this deployment; CloudFormation itself undoes one that fails."""
    console.print("[bold]Way back[/]")
    if before is None:
        console.print("  There was no such stack before: `cdk destroy` is its way back. docs/deploy.md")
        return
    if before.commit is None:
        console.print("  What ran before is not known: look for it in git. docs/deploy.md")
        return
    commit = before.commit.removesuffix("-dirty")
    # Quoted for the shell that make is called from; make takes a dollar for its own.
    settings = f" ARGS={shlex.quote(before.arguments.replace('$', '$$'))}" if before.arguments else ""
    console.print(f"  git checkout {commit} && make deploy STAGE={stage}{escape(settings)}")
    if HIDDEN in before.arguments:
        console.print(f"  {HIDDEN} stands for a secret, which is not stored: give it again.")
    if commit != before.commit:
        console.print("  That one had changes besides its commit, which are not in git.")
    console.print("  Data stays where it is. What else to think of: docs/deploy.md")
