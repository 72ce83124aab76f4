"""`delineate get`, as a person or a script runs it, against a fake of the service."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from delineate.cli.app import app
from tests.integration.delineate.fake_jobs import content
from tests.integration.delineate.fake_service import NOBODYS, FakeService, error

IDS = ["70000", "70007", "70014"]


@pytest.fixture
def run(service: FakeService, tmp_path: Path) -> Callable[..., Result]:
    def invoke(*args: str, api: str = service.url) -> Result:
        out = ["--out", str(tmp_path)] if args[0] == "get" else []
        return CliRunner().invoke(app, [*args, *out], env={"DELINEATE_API_URL": api}, catch_exceptions=False)

    return invoke


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != ".delineate"}


def expected(service: FakeService, *ids: int) -> dict[str, bytes]:
    return {f"{i}.zip": content(i, service.size(i)) for i in ids}


def test_every_file_arrives(service: FakeService, run: Callable[..., Result], tmp_path: Path) -> None:
    result = run("get", *IDS, "70000", "--priority", "high")
    assert result.exit_code == 0
    assert files(tmp_path) == expected(service, 70000, 70007, 70014)
    assert service.bodies == [{"file_ids": [70000, 70007, 70014], "priority": "high"}]
    assert result.stdout.splitlines() == [str(tmp_path / f"{file_id}.zip") for file_id in IDS]
    assert "3 of 3 files in" in result.stderr
    assert "\x1b" not in result.output


def test_options_of_the_order_are_sent(service: FakeService, run: Callable[..., Result]) -> None:
    assert run("get", "70000", "--fail-fast", "--idempotency-key", "order-7").exit_code == 0
    assert service.bodies == [{"file_ids": [70000], "priority": "normal", "on_error": "fail_fast"}]
    assert service.keys == ["order-7"]


def test_a_list_on_stdin_has_the_limit_of_a_file(service: FakeService) -> None:
    result = CliRunner().invoke(app, ["get", "-", "--api", service.url], input="70000\n" * 200_000)
    assert result.exit_code == 2
    assert "stdin is too large for a list of ids" in " ".join(result.stderr.split())
    assert not service.jobs


def test_a_failed_file_is_named_with_its_reason(
    service: FakeService, run: Callable[..., Result], tmp_path: Path
) -> None:
    service.missing = {70007}
    result = run("get", *IDS)
    assert result.exit_code == 1
    assert "70007  There is no such file in the bucket. (NOT_FOUND)" in result.stderr
    assert files(tmp_path) == expected(service, 70000, 70014)


def test_json_is_one_document_on_stdout(
    service: FakeService, run: Callable[..., Result], tmp_path: Path
) -> None:
    service.missing = {70007}
    told = json.loads(run("get", *IDS, "--json").stdout)
    assert (told["complete"], told["saved"], told["failed"], told["total"]) == (False, 2, 1, 3)
    assert told["bytes"] == sum(map(len, files(tmp_path).values()))
    assert told["files"][1] == {
        "file_id": 70007,
        "status": "failed",
        "errorCode": "NOT_FOUND",
        "error": "There is no such file in the bucket.",
    }
    assert told["files"][0]["path"] == str(tmp_path / "70000.zip")


def test_a_storage_failure_of_one_file_does_not_hurt_the_others(
    service: FakeService, run: Callable[..., Result], tmp_path: Path
) -> None:
    service.storage.put("downloads/70007.zip", content(70007, service.size(70007) + 1))
    result = run("get", *IDS)
    assert result.exit_code == 1
    assert "SIZE_MISMATCH" in result.stderr
    assert files(tmp_path) == expected(service, 70000, 70014)


def test_running_again_fetches_nothing_again(
    service: FakeService, run: Callable[..., Result], tmp_path: Path
) -> None:
    run("get", *IDS)
    result = run("get", *IDS, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["present"] == 3
    assert set(service.storage.asked.values()) == {1}


def test_a_job_is_picked_up_again_by_its_id(
    service: FakeService, run: Callable[..., Result], tmp_path: Path
) -> None:
    service.page = 2
    job = service.create([70000, 70007, 70014])
    result = run("get", "--job", job.id)
    assert result.exit_code == 0
    assert files(tmp_path) == expected(service, 70000, 70007, 70014)
    assert service.bodies == []


def test_a_cancelled_job_names_what_was_not_prepared(
    service: FakeService, run: Callable[..., Result], tmp_path: Path
) -> None:
    service.halt_at = 0
    job = service.create([70000, 70007])
    job.advance(1)
    job.cancel()
    result = run("get", "--job", job.id)
    assert result.exit_code == 1
    assert "70007  The job was cancelled before this file was prepared. (CANCELLED)" in result.stderr
    assert files(tmp_path) == expected(service, 70000)


def test_polling_is_said_and_works(service: FakeService, run: Callable[..., Result], tmp_path: Path) -> None:
    service.websocket = False
    service.halt_at = 0
    service.on_status = lambda job: job.advance(1)
    result = run("get", *IDS)
    assert result.exit_code == 0
    assert "No live updates (the service offers none); asking for the status instead." in result.stderr
    assert result.stderr.count(": saved, ") == 3
    assert "already there" not in result.stderr


def test_a_thousand_files_cost_few_requests(
    service: FakeService, run: Callable[..., Result], tmp_path: Path
) -> None:
    ids = list(range(70_000, 71_000))
    service.batch, service.page = 250, 400
    service.missing = set(ids[::100])
    result = run("get", *map(str, ids), "--parallel", "8", "--json")
    told = json.loads(result.stdout)
    assert result.exit_code == 1
    assert (told["saved"], told["failed"], told["total"]) == (990, 10, 1000)
    assert files(tmp_path) == expected(service, *(set(ids) - service.missing))
    assert sum(count for call, count in service.asked.items() if call.startswith("GET")) < 60
    assert len(result.stderr.splitlines()) < 50


def test_names_of_the_service_stay_in_the_folder(
    service: FakeService, run: Callable[..., Result], tmp_path: Path
) -> None:
    service.filename = lambda _: "../../evil.sh"
    assert run("get", "70000", "70007").exit_code == 0
    assert sorted(map(len, files(tmp_path).values())) == sorted(service.size(i) for i in (70000, 70007))
    assert "evil.sh" in files(tmp_path)
    assert not (tmp_path.parent.parent / "evil.sh").exists()


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["get"], 2, "Give the ids of files, or --job"),
        (["get", "70000", "--job", NOBODYS], 2, "Give the ids of files or --job, not both."),
        (["get", "70000", "seventy"], 2, "'seventy' is not a file id: ids are whole numbers."),
        (["get", "9" * 19], 2, "is not a file id: ids are whole numbers of 18 digits at most."),
        (["get", "70000", "--parallel", "0"], 2, "--parallel: '0' is too small, 1 is the least."),
        (["get", "5"], 2, "The request is not valid: id below 10000 (INVALID_REQUEST, request req-1)."),
        (["get", "--job", NOBODYS], 3, "it has expired (JOB_NOT_FOUND, request req-1)."),
        (["status", NOBODYS], 3, "(JOB_NOT_FOUND, request req-1)."),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    run: Callable[..., Result], args: list[str], code: int, said: str
) -> None:
    result = run(*args)
    assert result.exit_code == code
    assert said in " ".join(result.stderr.split())
    assert "Traceback" not in result.output
    assert result.stdout == ""


def test_an_unreachable_service_is_told_and_exit_code_3(
    run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("delineate.transport.ATTEMPTS", 1)
    result = run("get", "70000", "--json", api="http://127.0.0.1:9")
    assert result.exit_code == 3
    assert "cannot be reached" in result.stderr
    assert json.loads(result.stdout)["error"]["code"] == "UNREACHABLE"


def test_a_folder_that_cannot_be_made_is_told(service: FakeService, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    args = ["get", "70000", "--api", service.url, "--out", str(tmp_path / "file" / "below")]
    result = CliRunner().invoke(app, args, catch_exceptions=False)
    assert result.exit_code == 2
    assert "cannot be written to" in result.stderr
    assert not service.jobs, "a job was started that could not be brought home"


def test_a_job_that_is_lost_halfway_says_how_to_go_on(
    service: FakeService, run: Callable[..., Result]
) -> None:
    service.websocket, service.halt_at = False, 0
    service.fail_status = [error(404, "JOB_NOT_FOUND", "The job has expired.")]
    result = run("get", *IDS)
    assert result.exit_code == 3
    assert "The job has expired (JOB_NOT_FOUND" in result.stderr
    assert f"delineate get --job {next(iter(service.jobs))} --out" in result.stderr
