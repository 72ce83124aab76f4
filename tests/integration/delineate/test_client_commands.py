"""`delineate start`, `watch`, `jobs`, and how every command takes ids and writes results."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from delineate.cli.app import app
from infra_cdk.overrides import setting_names
from tests.integration.delineate.fake_jobs import FakeJob, content
from tests.integration.delineate.fake_service import NOBODYS, FakeService

IDS = [70000, 70007, 70014]
Run = Callable[..., Result]


@pytest.fixture
def run(service: FakeService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)

    def invoke(*args: str, typed: str = "", **env: str) -> Result:
        variables = {"DELINEATE_API_URL": service.url, **env}
        return CliRunner().invoke(
            app, args, env=variables, input=typed, catch_exceptions=False, prog_name="delineate"
        )

    return invoke


@pytest.fixture
def halted(service: FakeService) -> FakeJob:
    """One of three files is ready, one failed, one waits for its restore."""
    service.halt_at, service.missing = 0, {70007}
    job = service.create(IDS)
    job.advance(2)
    job.restoring = {70014: "2030-01-01T16:40:00Z"}
    return job


@pytest.mark.parametrize(
    ("args", "typed"),
    [
        (["70000", "70007", "70014"], ""),
        (["-"], "70000 70007,70014\n"),
        (["70000", "@ids.txt"], ""),
        (["--from", "ids.txt", "70000"], ""),
        (["70000", "--from", "-"], "70007\n70014\n"),
    ],
)
def test_ids_come_from_wherever_they_are(service: FakeService, run: Run, args: list[str], typed: str) -> None:
    Path("ids.txt").write_bytes("\ufeff70007 # the second\r\n\r\n# none here\r\n70014".encode())
    result = run("start", *args, typed=typed)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == f"{next(iter(service.jobs))}\n"
    assert service.bodies[0]["file_ids"] == IDS


@pytest.mark.parametrize(
    ("args", "typed", "said"),
    [
        (["-"], "70000\nseventy\n", "stdin, line 2: 'seventy' is not a file id: ids are whole numbers."),
        (["-"], "\n", "No file id stands in stdin."),
        (["@none.txt"], "", "none.txt cannot be read: No such file or directory."),
        (["--from", "."], "", ". cannot be read: Is a directory."),
        (["@big.txt"], "", "big.txt is too large for a list of ids."),
        ([], "", "Give the ids of files."),
        (["70000", "--json", "--format", "csv"], "", "Give --json or another --format, not both."),
    ],
)
def test_what_is_no_list_of_ids_starts_no_job(
    service: FakeService, run: Run, args: list[str], typed: str, said: str
) -> None:
    Path("big.txt").write_text("70000\n" * 200_000)
    result = run("start", *args, typed=typed)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in " ".join(result.stderr.replace("│", " ").split())
    assert not service.jobs


def test_the_first_wrong_ids_are_named_and_the_others_counted(service: FakeService, run: Run) -> None:
    result = run("start", "seven", "-", typed="70000\nacht\nneun, zehn\nelf\n")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "delineate: 'seven'; stdin, line 2: 'acht'; stdin, line 3: 'neun' and 2 more are not file ids: "
        "ids are whole numbers.\n"
    )
    assert not service.jobs


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["watch", "nope"], f"JOB: 'nope' is not the id of a job, such as {NOBODYS}."),
        (["status", "../../health"], f"JOB: '../../health' is not the id of a job, such as {NOBODYS}."),
        (["get", "--job", "nope"], f"--job: 'nope' is not the id of a job, such as {NOBODYS}."),
        (
            ["start", "70000", "--callback-url", "nope"],
            "--callback-url: 'nope' is not an http(s) address such as https://downloads.example.com.",
        ),
        (
            ["start", "70000", "--idempotency-key", "a b"],
            "--idempotency-key: 'a b' is no key: it takes 1 to 255 ASCII characters, no spaces.",
        ),
        (
            ["links", NOBODYS, "--format", "xml"],
            "--format: 'xml' is not one of 'table', 'json', 'csv', 'urls', 'aria2', 'metalink', 'curl'.",
        ),
        (["jobs", "--limit", "0"], "--limit: '0' is too small, 1 is the least."),
        (["jobs", "--limit", "few"], "--limit: 'few' is not a whole number."),
        (["get", "70000", "--parallel", "99"], "--parallel: '99' is too large, 32 is the most."),
        (
            ["admin", "job", NOBODYS, "--since", "x"],
            "--since: 'x' is not a time such as 2026-11-23T12:00:00.",
        ),
        (["status"], "Missing argument 'JOB'. See `delineate status --help`."),
        (["jobs", "--frob"], "No such option: --frob. See `delineate jobs --help`."),
        (["stat"], "No such command 'stat'. Did you mean 'start', 'status'? See `delineate --help`."),
        (["get", "70000", "--out", "/proc/x"], "--out: the folder /proc/x cannot be written to."),
    ],
)
def test_wrong_usage_is_one_line_that_names_what_is_allowed(
    service: FakeService, run: Run, args: list[str], said: str
) -> None:
    result = run(*args)
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", f"delineate: {said}\n")
    assert not service.asked
    assert not service.bodies


def test_the_list_of_commands_is_whole_on_a_terminal_of_80_columns(run: Run) -> None:
    listed = run("--help", COLUMNS="80").stdout
    assert "  start   Start a job and print its id.\n" in listed
    assert "..." not in listed.partition("Commands:")[2]


def test_start_sends_every_option(service: FakeService, run: Run) -> None:
    options = ["--priority", "high", "--fail-fast", "--callback-url", "https://example.com/hook"]
    result = run("start", "70000", *options, "--bundle", "zip", "--idempotency-key", "k", "--json")
    assert json.loads(result.stdout) == {
        "jobId": next(iter(service.jobs)),
        "status": "queued",
        "totalFiles": 1,
    }
    assert service.bodies == [
        {
            "file_ids": [70000],
            "priority": "high",
            "on_error": "fail_fast",
            "callback_url": "https://example.com/hook",
            "bundle": "zip",
        }
    ]
    assert service.keys == ["k"]


def test_watch_ends_with_the_job_and_its_exit_code_tells(service: FakeService, run: Run) -> None:
    job = service.create(IDS)
    result = run("watch", job.id)
    assert (result.exit_code, result.stdout) == (0, f"Job {job.id}: completed, 3 of 3 files ready\n")
    service.missing = {70007}
    job = service.create(IDS)
    result = run("watch", job.id)
    assert (result.exit_code, result.stdout) == (
        1,
        f"Job {job.id}: completed, 2 of 3 files ready, 1 failed\n",
    )
    assert "1 file of 3 failed:\n  70007  There is no such file in the bucket. (NOT_FOUND)\n" in result.stderr
    assert "\x1b" not in result.output
    assert json.loads(run("watch", job.id, "--json").stdout)["status"] == "completed"


def test_watch_of_a_cancelled_job_is_no_success(run: Run, halted: FakeJob) -> None:
    halted.cancel()
    result = run("watch", halted.id)
    assert (result.exit_code, result.stdout.split(": ")[1]) == (
        1,
        "cancelled, 1 of 3 files ready, 1 failed\n",
    )


def test_watch_of_a_job_without_its_archive_is_no_success(service: FakeService, run: Run) -> None:
    service.halt_at = 0
    job = service.create(IDS, bundle=True)
    job.bundle_fails = True
    job.advance(3)
    job.advance(1)
    result = run("watch", job.id)
    assert result.exit_code == 1
    assert (
        "The archive could not be made: The files do not fit into one archive. (TOO_LARGE)" in result.stderr
    )


def test_jobs_are_listed_newest_first(service: FakeService, run: Run, halted: FakeJob) -> None:
    service.halt_at, service.page = None, 1
    newest = run("start", "70000").stdout.strip()
    run("watch", newest)
    header, first, second = run("jobs").stdout.splitlines()
    assert header.split() == ["JOB", "STATUS", "FILES", "CREATED"]
    assert first.split()[:5] == [newest, "completed", "1", "of", "1"]
    assert second.startswith(f"{halted.id}  processing  1 of 3 files ready, 1 failed")
    assert run("jobs", "--limit", "1", "--format", "csv").stdout.splitlines()[1:] == [
        f"{newest},completed,1,0,1,100,2030-01-01T00:00:00Z,"
    ]
    (listed,) = json.loads(run("jobs", "--status", "processing", "--json").stdout)["jobs"]
    assert listed["jobId"] == halted.id
    assert run("jobs", "--status", "failed").stderr == "There are no such jobs.\n"


def test_a_restore_is_told_in_words(run: Run, halted: FakeJob, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "  · 70014  being restored from the archive, about 01 Jan " in run("status", halted.id).stdout


def test_files_as_csv(run: Run, halted: FakeJob) -> None:
    ready, failed, waits = csv.DictReader(run("status", halted.id, "--format", "csv").stdout.splitlines())
    assert (ready["file_id"], ready["status"], ready["errorCode"]) == ("70000", "completed", "")
    assert (failed["errorCode"], failed["error"]) == ("NOT_FOUND", "There is no such file in the bucket.")
    assert (waits["code"], waits["estimatedReadyAt"]) == ("RESTORING", "2030-01-01T16:40:00Z")
    assert (
        run("cancel", halted.id, "--format", "csv")
        .stdout.splitlines()[1]
        .startswith(f"{halted.id},cancelled,1,1,3,")
    )
    assert run("retry", halted.id, "--format", "csv").stdout.startswith("jobId,status,totalFiles\n")


def test_get_as_csv_names_every_file(service: FakeService, run: Run, tmp_path: Path) -> None:
    service.missing = {70007}
    result = run("get", "-", "--format", "csv", typed="70000 70007")
    saved, failed = csv.DictReader(result.stdout.splitlines())
    assert (saved["status"], saved["path"], saved["size"]) == ("saved", "70000.zip", str(service.size(70000)))
    assert (failed["status"], failed["errorCode"]) == ("failed", "NOT_FOUND")


def test_get_brings_one_archive(service: FakeService, run: Run, tmp_path: Path) -> None:
    service.missing = {70007}
    result = run("get", *map(str, IDS), "--bundle", "zip", "--out", "here")
    assert (result.exit_code, result.stdout) == (1, "here/job.zip\n")
    assert "70007  There is no such file in the bucket. (NOT_FOUND)" in result.stderr
    whole = b"".join(content(i, service.size(i)) for i in (70000, 70014))
    assert (tmp_path / "here" / "job.zip").read_bytes() == whole
    job = next(iter(service.jobs))
    again = run("get", "--job", job, "--bundle", "zip", "--out", "here", "--json")
    (archive,) = json.loads(again.stdout)["archives"]
    assert archive == {"path": "here/job.zip", "size": len(whole)}
    assert len(service.jobs) == 1


def test_an_archive_that_is_not_made_says_how_to_go_on(
    service: FakeService, run: Run, halted: FakeJob
) -> None:
    halted.advance(1)
    result = run("get", "--job", halted.id, "--bundle", "zip")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "The job was not asked for an archive." in result.stderr
    assert f"one by one with:\n  delineate get --job {halted.id} --out ." in result.stderr


def test_an_archive_of_nothing_names_what_failed(service: FakeService, run: Run) -> None:
    service.halt_at, service.missing = 0, {70007}
    job = service.create([70007], bundle=True)
    job.bundle_fails = True
    job.advance(1)
    job.advance(1)
    result = run("get", "--job", job.id, "--bundle", "zip", "--json")
    assert result.exit_code == 1
    assert result.stderr.count("could not be made") == 1
    assert "70007  There is no such file in the bucket. (NOT_FOUND)" in result.stderr
    assert "one by one" not in result.stderr
    assert json.loads(result.stdout)["error"]["code"] == "TOO_LARGE"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("API", "API_URL"),
        ("APIURL", "API_URL"),
        ("TOKENS", "TOKEN"),
        ("USER", "USERNAME"),
        ("CREDENTIAL", "CREDENTIALS"),
    ],
)
def test_a_misspelt_variable_is_told(run: Run, name: str, meant: str) -> None:
    result = run("jobs", **{f"DELINEATE_{name}": "x"})
    told = f"delineate: the variable DELINEATE_{name} means nothing here; is DELINEATE_{meant} meant?\n"
    assert (result.exit_code, result.stderr) == (0, f"{told}There are no such jobs.\n")


def test_settings_of_the_deployment_are_no_misspelt_variables(run: Run) -> None:
    read_by_others = [*setting_names(), "PASSWORD", "USER_POOL_ID"]
    result = run("jobs", **{f"DELINEATE_{name}": "x" for name in read_by_others})
    assert result.stderr == "There are no such jobs.\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_made_for_a_shell(run: Run, shell: str) -> None:
    script = run(_DELINEATE_COMPLETE=f"source_{shell}").stdout
    assert "_DELINEATE_COMPLETE=complete_" in script


def test_completion_offers_the_newest_jobs(service: FakeService, run: Run, halted: FakeJob) -> None:
    asked = {
        "_DELINEATE_COMPLETE": "complete_bash",
        "COMP_WORDS": f"delineate watch {halted.id[:4]}",
        "COMP_CWORD": "2",
    }
    assert run(**asked).stdout.split() == [halted.id]
    assert run(**asked, DELINEATE_API_URL="http://127.0.0.1:9").stdout.split() == []
