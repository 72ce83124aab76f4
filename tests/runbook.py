"""The headings of docs/runbook.md, as links name them."""

import re
from pathlib import Path

RUNBOOK = Path(__file__).parents[1] / "docs" / "runbook.md"


def anchors() -> set[str]:
    """GitHub's anchor of each heading: lower case, no punctuation, dashes for spaces."""
    headings = re.findall(r"^#+ (.+)$", RUNBOOK.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def named(text: str) -> list[str]:
    """The anchors that a text names, by whatever way it leads to the runbook."""
    return re.findall(r"docs/runbook\.md#([\w-]*)", text)
