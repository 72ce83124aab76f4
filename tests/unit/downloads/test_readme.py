"""The README names every code that a caller can meet, docs/bundles.md those of bundles."""

import re
from pathlib import Path

import pytest

from downloads.bundle import BundleError
from downloads.file import ErrorCode

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text(encoding="utf-8")
EDGE = [
    ROOT / "functions" / "downloads" / name
    for name in ("refusals.py", "http.py", "routes/files.py", "routes/manifests.py")
]
CODES = sorted({code for file in EDGE for code in re.findall(r'"([A-Z]+_[A-Z_]+)"', file.read_text())})


def test_there_are_codes() -> None:
    assert "JOB_NOT_FOUND" in CODES


@pytest.mark.parametrize("code", [*CODES, *ErrorCode])
def test_a_code_is_in_the_readme(code: str) -> None:
    assert f"`{code}`" in README


@pytest.mark.parametrize("code", BundleError)
def test_a_code_of_bundles_is_on_their_page(code: str) -> None:
    assert f"| `{code}` |" in (ROOT / "docs" / "bundles.md").read_text(encoding="utf-8")
