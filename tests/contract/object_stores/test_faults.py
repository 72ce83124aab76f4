"""A store that is slow, fails, or goes away in mid-sentence, in front of three of them."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from botocore.config import Config

from downloads import clients
from downloads.aws.files import S3Files
from downloads.errors import StoreUnavailableError
from downloads.file import ErrorCode, StoredObject
from infra_cdk.ports import free_port
from tests.contract.conftest import s3_objects
from tests.contract.object_stores.conftest import BODY, FILE
from tests.contract.object_stores.faulty import Fault, faulty
from tests.contract.object_stores.stores import Objects, Store

STATUSES = [500, 503]


def impatient(endpoint: str, store: Store) -> Any:
    """The service's own client, but one that waits 0.2 s."""
    return clients.s3_client_at(endpoint, store.settings(), clients.PATIENT.merge(Config(read_timeout=0.2)))


@pytest.mark.parametrize("fault", [Fault(503), Fault(close=True)], ids=["busy", "closed"])
def test_one_fault_is_not_noticed(objects: Objects, store: Store, fault: Fault) -> None:
    with faulty(store.endpoint, fault) as server:
        assert objects(server.url).head(FILE).size == len(BODY)
        assert server.asked == 2


@pytest.mark.parametrize("status", STATUSES)
def test_a_store_that_goes_on_failing_is_unavailable(objects: Objects, store: Store, status: int) -> None:
    with faulty(store.endpoint, Fault(status), Fault(status)) as server:
        with pytest.raises(StoreUnavailableError) as raised:
            objects(server.url).head(FILE)
        assert (raised.value.code, server.asked) == (ErrorCode.STORAGE_UNAVAILABLE, 2)
        assert objects(server.url).head(FILE).size == len(BODY)


def test_a_slow_answer_is_waited_for(objects: Objects, store: Store) -> None:
    with faulty(store.endpoint, Fault(wait=0.5)) as server:
        assert objects(server.url).head(FILE).size == len(BODY)
        assert server.asked == 1


def test_a_store_that_does_not_answer_is_a_timeout(store: Store) -> None:
    """With the retries of the service's own client, and a fifteenth of its patience."""
    with faulty(store.endpoint, Fault(wait=0.6), Fault(wait=0.6)) as server:
        adapter = s3_objects(impatient(server.url, store), store.bucket)
        with pytest.raises(StoreUnavailableError) as raised:
            adapter.head(FILE)
        assert (raised.value.code, server.asked) == (ErrorCode.TIMEOUT, 2)


def test_nobody_at_the_address_is_unavailable(objects: Objects) -> None:
    with pytest.raises(StoreUnavailableError) as raised:
        objects(f"http://127.0.0.1:{free_port()}").head(FILE)
    assert raised.value.code is ErrorCode.STORAGE_UNAVAILABLE


def test_a_body_that_is_cut_short_is_no_file(store: Store) -> None:
    stored = StoredObject(f"downloads/{FILE}.zip", len(BODY), "5d41402abc4b2a76b9719d911017c592")
    with faulty(store.endpoint, Fault(cut=True)) as server:
        client = clients.s3_client_at(server.url, store.settings(), clients.PATIENT)
        body = S3Files(client, store.bucket).open(stored, 0)
        with pytest.raises(StoreUnavailableError):
            list(iter(lambda: body.read(100), b""))


def test_a_link_is_made_while_the_store_is_away(objects: Objects, store: Store) -> None:
    """Signing asks nobody."""
    with faulty(store.endpoint) as server:
        url = objects(server.url).presign(FILE, datetime.now(UTC)).url
        assert server.asked == 0
        assert httpx.get(url).content == BODY
