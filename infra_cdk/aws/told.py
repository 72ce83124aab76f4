"""What a deployment says on the terminal: its checks, its outputs, and the way back."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.markup import escape

from infra_cdk.aws.account import Check, Verdict

MARKS = {Verdict.OK: "[green]✓[/]", Verdict.FAIL: "[red]✗[/]", Verdict.UNKNOWN: "[yellow]?[/]"}
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


def tell_way_back(console: Console, stage: str, before: str | None) -> None:
    """How to undo this deployment; CloudFormation itself undoes one that fails."""
    if before is None:
        again = "This stage had no earlier deployment that is known: `cdk destroy` is its way back."
        console.print(f"[bold]Way back[/]\n  {again} docs/deploy.md")
        return
    commit = before.removesuffix("-dirty")
    console.print(f"[bold]Way back[/]\n  git checkout {commit} && make deploy STAGE={stage}")
    if commit != before:
        console.print("  That one had changes besides its commit, which are not in git.")
    console.print("  Data stays where it is. What else to think of: docs/deploy.md")
