"""The React sample: its types are the document's, its own checks pass, its build fits a strict policy."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.react.types import COMMITTED, SAMPLE, text

SECONDS = 180


def run(check: str, *arguments: str) -> None:
    command = ["npm", "run", "--silent", check, "--", *arguments]
    done = subprocess.run(command, cwd=SAMPLE, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_committed_types_are_what_the_document_makes_now() -> None:
    assert COMMITTED.read_text("utf-8") == text(), "run `make react-types` and commit what it writes"


@pytest.mark.parametrize("check", ["format:check", "lint", "typecheck", "test"])
def test_its_own_check_passes(check: str) -> None:
    run(check)


def test_its_build_has_nothing_inline_and_no_address_of_its_own(tmp_path: Path) -> None:
    run("build", "--outDir", str(tmp_path), "--emptyOutDir")
    page = (tmp_path / "index.html").read_text("utf-8")
    assert not re.search(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son\w+=", page)
    assert not re.search(r'(?:src|href)="/', page), "addresses are relative: one build serves every folder"


def test_its_example_of_a_configuration_names_the_local_cloud() -> None:
    example = json.loads((SAMPLE / "public" / "config.json").read_text("utf-8"))
    assert example["apiUrl"] == "http://127.0.0.1:4566/_aws/execute-api/http-dev"
    assert all(isinstance(file["id"], int) and file["name"] for file in example["files"])
