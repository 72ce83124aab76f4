"""template-samples/README.md names every sample, and what it names of this repository is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "template-samples"
TEXT = (SAMPLES / "README.md").read_text()
ROWS = set(re.findall(r"^\| \[?([a-z][a-z0-9/-]*)", TEXT, re.MULTILINE)) - {"folder"}
SEVERAL = {"proxy"}
"""Folders that hold one sample each way."""


def folders() -> set[str]:
    found = {path.name for path in SAMPLES.iterdir() if path.is_dir()}
    inner = {
        f"{name}/{path.name}"
        for name in SEVERAL & found
        for path in (SAMPLES / name).iterdir()
        if path.is_dir()
    }
    return (found - SEVERAL) | inner


def test_every_sample_has_its_row() -> None:
    assert len(folders()) >= 5
    assert folders() - ROWS == set()


def test_what_the_rows_name_of_the_tests_is_there() -> None:
    named = re.findall(r"`(tests/[\w/.-]+)`", TEXT)
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_its_links_lead_somewhere() -> None:
    linked = [link for link in re.findall(r"\]\(([^)#]+)\)", TEXT) if "://" not in link]
    missing = [link for link in linked if not (SAMPLES / link).exists()]
    assert missing == []
