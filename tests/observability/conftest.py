"""Prometheus and Alertmanager for real, once for all: they watch a stage that is well and one in trouble."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from infra_cdk.ports import LOOPBACK, free_port
from tests.observability.exposition import exposition
from tests.observability.sample import PROMETHEUS, SAMPLE, read
from tests.observability.servers import Answer, Call, Served, running, serving, until

TOKEN = "a token for the test"  # protects nothing
STAGES = {"well": False, "sick": True}


@dataclass(frozen=True)
class Watch:
    """A running Prometheus, and the receiver that its Alertmanager calls."""

    url: str
    receiver: Served
    scraped: dict[str, Served]

    def query(self, expression: str) -> list[dict[str, Any]]:
        """The instant vector of an expression; an error of Prometheus fails the test with its words."""
        answer = httpx.post(f"{self.url}/api/v1/query", data={"query": expression}, timeout=10).json()
        assert answer["status"] == "success", f"{expression}: {answer.get('error')}"
        result: list[dict[str, Any]] = answer["data"]["result"]
        return result

    def firing(self) -> list[dict[str, Any]]:
        alerts = httpx.get(f"{self.url}/api/v1/alerts", timeout=10).json()["data"]["alerts"]
        return [alert for alert in alerts if alert["state"] == "firing"]


def _metrics(*, trouble: bool) -> Any:
    lock, scrapes = threading.Lock(), iter(range(10_000))

    def answer(call: Call) -> Answer:
        if call.path != "/stage/metrics" or call.headers.get("authorization") != f"Bearer {TOKEN}":
            return 401, "who are you?"
        with lock:
            return 200, exposition(next(scrapes), trouble=trouble)

    return answer


def alertmanager(stack: ExitStack, folder: Path, receiver: Served) -> str:
    folder.mkdir()
    config = read(SAMPLE / "alertmanager" / "alertmanager.yml")
    config["route"] |= {"group_wait": "1s", "group_interval": "1s"}
    text = yaml.safe_dump(config).replace("host.docker.internal:9095", receiver.address)
    assert receiver.address in text
    (folder / "alertmanager.yml").write_text(text)
    address = f"{LOOPBACK}:{free_port()}"
    command = [
        "prometheus-alertmanager",
        "--config.file=alertmanager.yml",
        "--storage.path=data",
        f"--web.listen-address={address}",
        "--cluster.listen-address=",
    ]
    stack.enter_context(running(command, folder, f"http://{address}/-/ready"))
    return address


def _prometheus(stack: ExitStack, folder: Path, alertmanager: str, scraped: dict[str, Served]) -> str:
    """The sample's own configuration, but with our addresses, a look every second, and no waiting."""
    shutil.copytree(PROMETHEUS, folder)
    config = read(folder / "prometheus.yml")
    config["global"] = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
    config["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"] = [alertmanager]
    config["scrape_configs"] = [job for job in config["scrape_configs"] if job["job_name"] == "downloads"]
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    for path in (folder / "rules").glob("*.yml"):
        rules = read(path)
        for group in rules["groups"]:
            group["rules"] = [{**rule, "for": "0s"} for rule in group["rules"]]
        path.write_text(yaml.safe_dump(rules))
    addresses = {stage: served.address for stage, served in scraped.items()} | {
        "gone": f"{LOOPBACK}:{free_port()}"
    }
    targets = [
        {
            "targets": [address],
            "labels": {"stage": stage, "__scheme__": "http", "__metrics_path__": "/stage/metrics"},
        }
        for stage, address in addresses.items()
    ]
    (folder / "targets" / "downloads.yml").write_text(yaml.safe_dump(targets))
    (folder / "secrets").mkdir()
    (folder / "secrets" / "metrics-token").write_text(TOKEN)
    address = f"{LOOPBACK}:{free_port()}"
    command = ["prometheus", "--config.file=prometheus.yml", "--storage.tsdb.path=data"]
    return stack.enter_context(
        running([*command, f"--web.listen-address={address}"], folder, f"http://{address}/-/ready")
    )


@pytest.fixture(scope="session")
def watch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watch]:
    folder = tmp_path_factory.mktemp("watch")
    with ExitStack() as stack:
        receiver = stack.enter_context(serving(lambda _: (200, "thanks")))
        scraped = {
            stage: stack.enter_context(serving(_metrics(trouble=trouble)))
            for stage, trouble in STAGES.items()
        }
        rings_at = alertmanager(stack, folder / "alertmanager", receiver)
        running_watch = Watch(_prometheus(stack, folder / "prometheus", rings_at, scraped), receiver, scraped)
        # Rates need two points; the third makes every quantile a number.
        until(lambda: all(len(served.calls) > 4 for served in scraped.values()), 20)
        yield running_watch
