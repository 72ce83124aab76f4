"""Draws the README's picture of the dashboard from a deployed stack under load: `make panels`."""

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from rich.console import Console
from rich.progress import Progress

from infra_cdk.cloud import LocalCloud
from infra_cdk.config import for_stage
from infra_cdk.ports import free_port
from infra_cdk.steps import timed
from tests.e2e.conftest import UNHINDERED, Service
from tests.observability.pictures.asking import Panel, Prometheus
from tests.observability.pictures.choice import chosen, dashboard_title
from tests.observability.pictures.load import Load, fill, moody
from tests.observability.pictures.sheet import sheet
from tests.observability.scraping import scraping
from tests.observability.servers import serving

STAGE, SCRAPE, LOAD_S = "dev", "2s", 150
CONTEXT = UNHINDERED | {
    "METRICS_ENDPOINT": "true",
    "DOWNLOAD_DELAY_ENABLED": "true",
    "DOWNLOAD_DELAY_MIN_MS": "1000",
    "DOWNLOAD_DELAY_MAX_MS": "6000",
}
console = Console(stderr=True)


def main(path: Path) -> None:
    """Start, load, ask, draw. Everything that was started ends, whatever comes between."""
    # A terminated command cleans up as an interrupted one does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with TemporaryDirectory() as folder, ExitStack() as stack:
        service = stack.enter_context(_deployed(Path(folder) / "cloud"))
        url = scraping(stack, Path(folder) / "prometheus", service.cloud, STAGE, SCRAPE)
        panels = _under_load(service, url)
    sheet(dashboard_title(), STAGE, panels).save(path)
    console.print(f"[green]✓[/] {path}, {path.stat().st_size:,} bytes", highlight=False)


@contextmanager
def _deployed(state: Path) -> Iterator[Service]:
    with LocalCloud(state, free_port(), timed(console)) as cloud:
        cloud.deploy(context=CONTEXT)
        for problem in cloud.warm():
            console.print(f"[yellow]![/] {problem}", highlight=False)
        token = cloud.sign_in("tester")
        headers = {"authorization": f"Bearer {token}"}
        with httpx.Client(base_url=cloud.outputs["ApiUrl"], headers=headers, timeout=60) as client:
            yield Service(cloud, client, token)


def _under_load(service: Service, url: str) -> list[Panel]:
    fill(service, for_stage(STAGE).key_template)
    with serving(moody()) as receiver, Progress(console=console) as progress:
        load = Load(service, f"http://{receiver.address}/hook", LOAD_S)
        began = time.time()
        bar = progress.add_task("load", total=LOAD_S)
        load.run(lambda done: progress.update(bar, completed=done, description=_say(load)))
        # Asked while the last jobs are still open.
        prometheus = Prometheus(url, STAGE, began, time.time())
        return [prometheus.panel(shape) for shape in chosen()]


def _say(load: Load) -> str:
    return f"load: {load.started} jobs started, {len(load.open)} open"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
