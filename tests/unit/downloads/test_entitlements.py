"""Which files a claim gives."""

import pytest

from downloads.caller import Caller
from downloads.entitlements import ClaimedRanges, Everything

IDS = [9, 70000, 70005, 70010, 80000]


def withheld(claim: str | None) -> set[int]:
    claims = {} if claim is None else {"files": claim}
    return set(ClaimedRanges("files").withheld(Caller("user:a", claims=claims), IDS))


@pytest.mark.parametrize(
    ("claim", "given"),
    [
        (None, set()),
        ("", set()),
        ("70000", {70000}),
        ("files:70000-70009", {70000, 70005}),
        ("70000-70009 80000", {70000, 70005, 80000}),
        ("[staff files:70000-70009 files:80000]", {70000, 70005, 80000}),
        ("70000,70005", {70000, 70005}),
        ("70009-70000", set()),
        ("all", set()),
        ("*", set()),
        ("-70000", set()),
        ("7000", set()),
        ("700000", set()),
        ("70000-", set()),
        ("٧٠٠٠٠", set()),
    ],
)
def test_what_is_not_listed_is_withheld(claim: str | None, given: set[int]) -> None:
    assert withheld(claim) == set(IDS) - given


def test_by_default_everybody_may_have_everything() -> None:
    assert Everything().withheld(Caller("user:a"), IDS) == frozenset()
