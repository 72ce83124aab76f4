"""The one address by CloudFront, as far as the emulator serves it: all of HTTP, and no WebSocket."""

from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from infra_cdk import samples
from tests.e2e.conftest import Service
from tests.e2e.progress_stream import answers, check
from tests.events import Event, parse


@pytest.fixture(scope="module")
def edge(service: Service) -> Iterator[Service]:
    """The service as whoever comes by the distribution's name sees it; that name leads nowhere from here."""
    name = service.cloud.outputs["EdgeHost"]
    viewer = {"host": name, "x-forwarded-proto": "https", "authorization": f"Bearer {service.token}"}
    with httpx.Client(base_url=service.cloud.endpoint, headers=viewer, timeout=120) as http:
        yield replace(service, http=http)


def test_a_job_goes_its_whole_way(edge: Service) -> None:
    job_id = edge.initiate([70000, samples.MISSING])
    assert [file["status"] for file in edge.ended(job_id)["files"]] == ["completed", "failed"]
    found = edge.http.get(f"/v1/download/{job_id}", params={"file_id": 70000, "redirect": "true"})
    assert found.status_code == 302
    assert edge.http.delete(f"/v1/download/{job_id}").status_code == 409
    assert edge.http.post(f"/v1/download/{job_id}/ticket").status_code == 201


def test_events_are_followed_to_the_end(edge: Service) -> None:
    job_id = edge.initiate(list(range(63_000, 63_050)))
    events: list[Event] = []
    for reply in answers(edge, job_id):
        assert "content-encoding" not in reply.headers
        events += parse(reply.text)
    check(events, job_id, edge)


@pytest.mark.parametrize(
    "path", ["/", "/docs", "/v1/downloads?limit=0", "/v1/download/status/a%2Fb", "/nowhere"]
)
def test_beside_the_page_the_api_answers_below_a_prefix(service: Service, edge: Service, path: str) -> None:
    """Its entry document too, which would be the page's address."""
    asked = {"x-request-id": "same-2"}
    direct, through = service.http.get(path, headers=asked), edge.http.get(f"/api{path}", headers=asked)
    assert (through.status_code, through.text) == (direct.status_code, direct.text)


def test_the_distribution_runs_the_function_that_rewrites_paths(edge: Service) -> None:
    reply = edge.http.get("/v1/download/stream/none")
    assert (reply.status_code, reply.json()["error"]["code"]) == (404, "NOT_FOUND")
    assert reply.json()["requestId"] == reply.headers["x-request-id"]


def test_a_token_is_checked_by_the_api_and_comes_by_https_alone(edge: Service) -> None:
    url, host = f"{edge.cloud.endpoint}/v1/downloads", {"host": str(edge.http.headers["host"])}
    assert httpx.get(url, headers=host | {"x-forwarded-proto": "https"}).status_code == 401
    assert httpx.get(url, headers=host).status_code == 403
