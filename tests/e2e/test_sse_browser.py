"""Server-Sent Events of the deployed stack with a browser's own EventSource, on a page of another origin."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Request

from downloads.aws.recording import RecordingDynamoJobs
from downloads.model import Job
from tests.browser import chromium
from tests.conftest import ready
from tests.e2e.conftest import PATIENCE_S, Service
from tests.e2e.progress_stream import check
from tests.events import Event

FOLLOW = """url => {
  window.heard = [];
  window.source = new EventSource(url);
  for (const name of ["snapshot", "change", "end"]) {
    source.addEventListener(name, event =>
      heard.push({ name, id: event.lastEventId, data: JSON.parse(event.data) }));
  }
}"""


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An empty page somewhere else than the API."""
    folder: Path = tmp_path_factory.mktemp("page")
    (folder / "index.html").write_text("<!doctype html><title>elsewhere</title>")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/index.html"
        server.shutdown()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # http.server's name
        """Silence."""


@pytest.fixture
def page(origin: str) -> Iterator[Page]:
    with chromium() as browser:
        page = browser.new_page()
        page.goto(origin)
        yield page


def listen(page: Page, service: Service, job_id: str) -> None:
    url = f"{service.cloud.outputs['ApiUrl']}/v1/download/progress/{job_id}"
    page.evaluate(FOLLOW, f"{url}?ticket={service.ticket(job_id)}")


def follow(page: Page, service: Service, job_id: str) -> list[Event]:
    """What an EventSource hears that nobody closes: it ends because the service tells it to."""
    listen(page, service, job_id)
    return hear_out(page)


def hear_out(page: Page) -> list[Event]:
    page.wait_for_function("source.readyState === EventSource.CLOSED", timeout=PATIENCE_S * 1000)
    heard: list[dict[str, Any]] = page.evaluate("heard")
    return [Event(**each) for each in heard]


def test_an_eventsource_follows_a_job_and_stops(service: Service, page: Page) -> None:
    job_id = service.initiate([*range(62_000, 62_300), 70000])
    check(follow(page, service, job_id), job_id, service)


def test_an_eventsource_waits_for_each_change_and_never_comes_back(
    service: Service, page: Page, jobs: RecordingDynamoJobs, idle: Job
) -> None:
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))  # noqa: PLW0108 # Playwright marks its handlers
    listen(page, service, idle.job_id)
    for count, file_id in enumerate([70000, 70007], start=2):
        while len(asked) < count:
            page.wait_for_timeout(100)
        page.wait_for_timeout(1_000)
        jobs.record(idle, [ready(file_id)], datetime.now(UTC))
    events = hear_out(page)
    check(events, idle.job_id, service)
    assert [event.name for event in events] == ["snapshot", "change", "change", "end"]
    page.wait_for_timeout(3_000)
    sent = [request.all_headers().get("last-event-id") for request in asked]
    assert [held and held.partition(".")[0] for held in sent] == [None, "1", "2", "3"]
    # What opens the stream again goes in a header: the address has nothing but a ticket that is used up.
    assert len({held.partition(".")[2] for held in sent if held}) == 1
    assert {request.url for request in asked} == {asked[0].url}


def test_an_eventsource_that_comes_late_hears_the_end_once(service: Service, page: Page) -> None:
    job_id = service.initiate([70000, 70007])
    service.ended(job_id)
    events = follow(page, service, job_id)
    assert [event.name for event in events] == ["snapshot", "end"]
    check(events, job_id, service)


def test_an_eventsource_of_an_unknown_job_gives_up(service: Service, page: Page) -> None:
    url = f"{service.cloud.outputs['ApiUrl']}/v1/download/progress/00000000-0000-4000-8000-000000000000"
    page.evaluate(FOLLOW, f"{url}?ticket={service.ticket(service.initiate([70000]))}")
    assert hear_out(page) == []
