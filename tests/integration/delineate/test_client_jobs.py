"""`delineate status`, `links`, `cancel` and `retry`."""

import json
from collections.abc import Callable

import pytest
from typer.testing import CliRunner, Result

from delineate.api import Api
from delineate.cli import inspecting
from delineate.cli.app import app
from tests.integration.delineate.fake_jobs import FakeJob
from tests.integration.delineate.fake_service import NOBODYS, FakeService

IDS = [70000, 70007, 70014]


@pytest.fixture
def run(service: FakeService) -> Callable[..., Result]:
    def invoke(*args: str) -> Result:
        return CliRunner().invoke(app, [*args, "--api", service.url], catch_exceptions=False)

    return invoke


@pytest.fixture
def job(service: FakeService) -> FakeJob:
    """Two of three files have a result, one of them a bad one."""
    service.missing = {70007}
    service.halt_at = 0
    job = service.create(IDS)
    job.advance(2)
    return job


def test_status_tells_how_far_it_is_and_why_files_failed(run: Callable[..., Result], job: FakeJob) -> None:
    lines = run("status", job.id).stdout.splitlines()
    assert lines[0] == f"Job {job.id}: processing, 1 of 3 files ready, 1 failed"
    assert lines[-3:] == [
        "  ✓ 70000  ready  1.6 kB",
        "  ✗ 70007  There is no such file in the bucket. (NOT_FOUND)",
        "  · 70014  pending",
    ]


def test_status_as_json_joins_the_pages_and_keeps_what_is_new(
    service: FakeService, run: Callable[..., Result], job: FakeJob
) -> None:
    service.page = 1
    told = json.loads(run("status", job.id, "--json").stdout)
    assert [file["file_id"] for file in told["files"]] == IDS
    assert told["novelty"] is True
    assert told["expiresAt"] == "2099-01-01T00:00:00Z"
    assert "nextCursor" not in told


def test_status_of_a_big_job_lists_only_what_failed(service: FakeService, run: Callable[..., Result]) -> None:
    ids = list(range(70_000, 70_100))
    service.halt_at, service.missing = 0, set(ids[:30])
    job = service.create(ids)
    job.advance(100)
    lines = run("status", job.id).stdout.splitlines()
    assert sum("✗" in line for line in lines) == inspecting.FILES_SHOWN
    assert not any("✓" in line for line in lines)
    assert lines[-1] == "  and 10 files more that failed; --json lists all"


def test_links_are_bare_urls_for_pipes(
    service: FakeService, run: Callable[..., Result], job: FakeJob
) -> None:
    result = run("links", job.id)
    assert result.stdout == service.storage.link("downloads/70000.zip") + "\n"
    assert result.stderr == "1 of 3 files ready, 1 failed; the job is processing.\n"


def test_links_on_a_terminal_say_what_they_are(
    service: FakeService, job: FakeJob, capsys: pytest.CaptureFixture[str]
) -> None:
    with Api(service.url) as api:
        inspecting.show_links(api, job.id, as_json=False, terminal=True)
    heading, url = capsys.readouterr().out.splitlines()
    assert heading.startswith("70000  70000.zip  1.6 kB  until ")
    assert url == service.storage.link("downloads/70000.zip")


def test_links_as_json(service: FakeService, run: Callable[..., Result], job: FakeJob) -> None:
    service.page = 1
    job.advance(1)
    told = json.loads(run("links", job.id, "--json").stdout)
    assert [file["file_id"] for file in told["files"]] == [70000, 70014]
    assert told["files"][0]["size"] == service.size(70000)
    assert "nextCursor" not in told


def test_cancel_tells_what_was_done(run: Callable[..., Result], job: FakeJob) -> None:
    for _ in range(2):
        result = run("cancel", job.id)
        assert result.exit_code == 0
        assert result.stdout == f"Job {job.id}: cancelled, 1 of 3 files ready, 1 failed\n"


def test_retry_opens_the_job_again_and_says_how_to_get_it(run: Callable[..., Result], job: FakeJob) -> None:
    job.advance(1)
    result = run("retry", job.id)
    assert result.exit_code == 0
    assert result.stdout == f"Job {job.id}: processing; `delineate get --job {job.id}` brings its files.\n"
    assert json.loads(run("retry", job.id, "--json").stdout)["jobId"] == job.id


def test_an_ended_job_cannot_be_cancelled(run: Callable[..., Result], job: FakeJob) -> None:
    job.advance(1)
    result = run("cancel", job.id, "--json")
    assert result.exit_code == 3
    assert result.stderr == "delineate: The job has ended already (JOB_ENDED, request req-1).\n"
    assert json.loads(result.stdout)["error"] == {
        "code": "JOB_ENDED",
        "message": "The job has ended already",
        "status": 409,
    }


def test_version() -> None:
    assert CliRunner().invoke(app, ["--version"]).stdout.startswith("delineate ")


@pytest.mark.parametrize("url", ["localhost:4566", "ftp://host", "http://"])
def test_an_address_that_is_none_is_a_wrong_usage(url: str) -> None:
    result = CliRunner().invoke(app, ["status", NOBODYS, "--api", url])
    assert result.exit_code == 2
    assert "is not an http(s) address" in result.stderr


def test_an_address_is_needed() -> None:
    result = CliRunner().invoke(app, ["status", NOBODYS])
    assert result.exit_code == 2
    assert "DELINEATE_API_URL" in result.stderr
