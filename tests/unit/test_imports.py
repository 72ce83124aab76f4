"""What is slow to import is imported by those who need it, when they need it."""

import subprocess
import sys
from pathlib import Path

import pytest

FUNCTIONS = Path(__file__).parents[2] / "functions"
HANDLERS = sorted(path.stem for path in FUNCTIONS.glob("*.py"))
SLOW = ("jwt", "cryptography")


def loaded(program: str) -> set[str]:
    """Which slow packages are there after a program, in an interpreter of its own."""
    code = f"import sys\n{program}\nprint(*[name for name in {SLOW} if name in sys.modules])"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=FUNCTIONS, capture_output=True, text=True, check=True
    )
    return set(run.stdout.split())


@pytest.mark.parametrize("name", HANDLERS)
def test_no_handler_loads_what_only_verifying_needs(name: str) -> None:
    assert loaded(f"import {name}") == set()


def test_verifying_does() -> None:
    assert loaded("import downloads.web.tokens") == set(SLOW)
