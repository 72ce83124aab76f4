"""API6:2023. The flow that costs money, starting jobs, is run once a key, and by its own owner alone."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import httpx
import pytest

from tests.e2e.conftest import Service

INITIATE = "/v1/download/initiate"


def start(user: Service, key: str, file_id: int = 70000) -> httpx.Response:
    return user.http.post(INITIATE, json={"file_ids": [file_id]}, headers={"idempotency-key": key})


def test_anothers_idempotency_key_leads_to_a_job_of_ones_own(alice: Service, bob: Service) -> None:
    key = str(uuid4())
    hers, his = start(alice, key), start(bob, key)
    assert (hers.status_code, his.status_code) == (202, 202)
    assert hers.json()["jobId"] != his.json()["jobId"]
    assert "idempotency-replayed" not in his.headers


def test_nobody_learns_whether_another_has_used_a_key(alice: Service, bob: Service) -> None:
    key = str(uuid4())
    start(alice, key, 70000)
    assert start(bob, key, 70007).status_code == 202
    assert start(alice, key, 70007).json()["error"]["code"] == "IDEMPOTENCY_KEY_REUSED"


def test_a_key_used_by_many_at_once_makes_one_job(newcomer: Service) -> None:
    key = str(uuid4())
    with ThreadPoolExecutor(8) as many:
        replies = list(many.map(lambda _: start(newcomer, key), range(8)))
    assert {reply.status_code for reply in replies} <= {202, 409}
    assert len({reply.json()["jobId"] for reply in replies if reply.status_code == 202}) == 1
    assert len(newcomer.http.get("/v1/downloads").json()["jobs"]) == 1


def test_a_replay_costs_nothing(newcomer: Service) -> None:
    key = str(uuid4())
    first = start(newcomer, key)
    after = [start(newcomer, key) for _ in range(3)]
    assert [reply.headers["idempotency-replayed"] for reply in after] == ["true"] * 3
    assert int(after[-1].headers["ratelimit-remaining"]) >= int(first.headers["ratelimit-remaining"])


@pytest.mark.parametrize("file_id", [70001, 70084])
def test_a_file_that_is_not_there_has_no_link(alice: Service, file_id: int) -> None:
    job_id = alice.initiate([file_id])
    alice.ended(job_id)
    reply = alice.http.get(f"/v1/download/{job_id}", params={"file_id": file_id})
    assert (reply.status_code, "X-Amz" in reply.text) == (409, False)
