"""Texts that nothing of this service sends: what a slip of a hand or malice puts into a lane or a socket."""

import json
from typing import Any

from hypothesis import strategies as st

# What SQS takes in a body: XML's characters.
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), min_size=1)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | TEXT
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner), max_leaves=8)
NO_INTEGER = st.none() | st.booleans() | st.floats() | TEXT | st.lists(st.integers())
DEEP = st.integers(100, 2_000).map(lambda depth: "[" * depth)
HUGE = st.integers(20, 4_000).map(lambda digits: 10**digits)
SURROGATE = st.just('{"jobId": "\\ud800", "fileId": 1}')


def no_message() -> st.SearchStrategy[str]:
    """Bodies of any form but a message's."""
    return TEXT | JSON.map(json.dumps) | DEEP | SURROGATE


def spoilt(job_id: str, file_id: int) -> st.SearchStrategy[str]:
    """A good message with one field that cannot be, missing, or too many."""
    good: dict[str, Any] = {"jobId": job_id, "fileId": file_id, "round": 1}
    wrong = st.one_of(
        st.fixed_dictionaries({"jobId": JSON}),
        st.fixed_dictionaries({"fileId": NO_INTEGER | st.integers(max_value=-1)}),
        st.fixed_dictionaries({"round": NO_INTEGER | st.integers(max_value=0)}),
        st.fixed_dictionaries({"more": JSON}),
    )
    missing = st.sampled_from(["jobId", "fileId"])
    short = missing.map(lambda name: {key: value for key, value in good.items() if key != name})
    return (wrong.map(lambda fields: good | fields) | short).map(json.dumps)


def strangers(job_id: str, file_ids: list[int]) -> st.SearchStrategy[str]:
    """Messages that are well formed, but name a file that is none of the job's."""
    elsewhere = (st.integers(0, 10**9) | HUGE).filter(lambda file_id: file_id not in file_ids)
    return elsewhere.map(lambda file_id: json.dumps({"jobId": job_id, "fileId": file_id, "round": 1}))


def stale(job_id: str, file_id: int) -> st.SearchStrategy[str]:
    """Messages that came too late: of a job that is gone, or of another round."""
    jobs = st.uuids().map(lambda unknown: {"jobId": str(unknown)})
    rounds = (st.integers(min_value=2) | HUGE).map(lambda round_: {"round": round_})
    good = {"jobId": job_id, "fileId": file_id, "round": 1}
    return (jobs | rounds).map(lambda change: json.dumps(good | change))
