"""What `make demo-web` says at the end: where the page is, and who may sign in there."""

import sys
from pathlib import Path

from rich.console import Console

from infra_cdk.cloud import LocalCloud
from infra_cdk.local import DEMO_USER

console = Console(stderr=True, highlight=False)


def main(state: Path) -> None:
    """Tell the page's address, the demo's user and the password."""
    cloud = LocalCloud(state)
    if not cloud.find() or "DemoPageBucket" not in cloud.outputs:
        console.print("no demo page is running: `make demo-web` starts it")
        raise SystemExit(1)
    lines = [("Page", cloud.outputs["DemoPageUrl"])]
    if cloud.users:
        lines += [("User", DEMO_USER), ("Password", cloud.users.password(DEMO_USER))]
    for title, value in lines:
        console.print(f"  {title:<10}[bold]{value}[/]", soft_wrap=True)
    last = "Open the page and sign in; a file takes up to 6 s to be prepared here. `make down` ends it all."
    console.print(last, soft_wrap=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
