"""What a user's own strict type checker says of a program that uses the package."""

import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

import delineate

PROGRAM = """
from collections.abc import AsyncIterator
from pathlib import Path
from typing import assert_type

from delineate import (
    AsyncClient, Client, DelineateError, DownloadProgress, FileState, Job, JobState, JobStatus, OnError,
    Priority, Report, Token,
)


def renewable(*, force: bool = False) -> str:
    return "new" if force else "kept"


def client_of(token: Token, priority: Priority, on_error: OnError) -> Job:
    with Client("https://downloads.example.com", token or renewable, proxy="http://localhost:3128") as client:
        return client.jobs.create([70000], priority=priority, on_error=on_error)


def fetch(token: str) -> Report:
    def show(progress: DownloadProgress) -> None:
        print(progress.on_disk, progress.total)

    with Client("https://downloads.example.com", lambda: token) as client:
        job = client.jobs.create([70000], priority="high", on_error="fail_fast", bundle="zip")
        assert_type(job, Job)
        for state in job.events():
            assert_type(state, JobState)
        assert_type(job.status, JobStatus)
        assert_type([file for file in job.files()], list[FileState])
        assert_type(job.download_archive(to="out"), list[Path])
        return job.download(to=Path("out"), parallel=8, on_progress=show)


async def states() -> AsyncIterator[JobState]:
    async with AsyncClient("https://downloads.example.com") as client:
        async for job in client.jobs.list():
            async for state in job.events():
                yield state
        try:
            assert_type(await job.download(to="out"), Report)
        except DelineateError as fault:
            print(fault.code)
"""


WRONG = """
import delineate
from delineate import AsyncJob, Clinet, DownloadProgress

delineate.Nonsense


async def show(progress: DownloadProgress) -> None: ...


async def fetch(job: AsyncJob) -> None:
    await job.download(on_progress=show)
"""


def mypy(program_text: str, tmp_path: Path) -> "subprocess.CompletedProcess[str]":
    program = tmp_path / "program.py"
    program.write_text(program_text)
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", f"--cache-dir={tmp_path}"]
    return subprocess.run([*command, str(program)], cwd=tmp_path, capture_output=True, text=True, check=False)


def test_a_typed_program_passes_mypy_strict(tmp_path: Path) -> None:
    checked = mypy(PROGRAM, tmp_path)
    assert (checked.returncode, checked.stderr) == (0, ""), checked.stdout


def test_a_program_that_is_wrong_fails_it(tmp_path: Path) -> None:
    told = mypy(WRONG, tmp_path).stdout.splitlines()
    assert [line.split(":")[1] for line in told if ": error:" in line] == ["3", "5", "12"], told
    assert ["Clinet" in told[0], "Nonsense" in told[1] or "Nonsense" in told[2]] == [True, True]


@pytest.mark.parametrize("name", delineate.__all__)
def test_everything_that_is_exported_is_there(name: str) -> None:
    assert getattr(delineate, name)
    assert name in dir(delineate)


def test_what_is_not_there_is_said_as_usual() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Clients'"):
        delineate.Clients  # noqa: B018


def test_the_package_says_that_it_is_typed() -> None:
    assert (files(delineate) / "py.typed").is_file()


def test_the_library_loads_no_command_line() -> None:
    program = (
        "import sys, delineate; delineate.Client, delineate.AsyncClient;"
        "print(*{'typer', 'delineate.cli', 'boto3'} & set(sys.modules))"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert loaded.stdout.split() == []
