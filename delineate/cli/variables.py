"""Environment variables of the command line, and those that were meant to be one."""

import difflib
import os
from collections.abc import Iterator, Mapping

PREFIX = "DELINEATE_"
OURS = ("API_URL", "CREDENTIALS", "STACK", "TOKEN", "USERNAME")
# Read by others: `make env` writes them for scripts.
OTHERS = ("PASSWORD", "USER_POOL_ID")
# The deployment reads settings by the same prefix, whose names are farther from these.
ALIKE = 0.65


def misspelt(environ: Mapping[str, str] = os.environ) -> Iterator[tuple[str, str]]:
    """Each variable that nothing reads and that looks like one of ours, and which one that may be."""
    for name in sorted(environ):
        rest = name.removeprefix(PREFIX)
        if rest == name or rest in OURS or rest in OTHERS:
            continue
        begun = [ours for ours in OURS if rest and ours.startswith(rest.upper())]
        for close in begun or difflib.get_close_matches(rest.upper(), OURS, 1, ALIKE):
            yield name, f"{PREFIX}{close}"
