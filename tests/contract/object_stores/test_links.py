"""What presigned URLs do for whoever holds them, in three stores."""

import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.contract.object_stores.conftest import BODY, EMPTY, FILE, MISSING
from tests.contract.object_stores.faulty import faulty
from tests.contract.object_stores.stores import Lax, Objects, Store

TAMPERED = {
    "file": (f"{FILE}", f"{EMPTY}"),
    "life": ("X-Amz-Expires=300", "X-Amz-Expires=3000"),
    "name": ("filename%3D%22", "filename%3D%22x"),
    "signature": ("X-Amz-Signature=", "X-Amz-Signature=0"),
    "key": ("X-Amz-Credential=", "X-Amz-Credential=x"),
}


def link(objects: Objects, file_id: int = FILE, **changes: object) -> str:
    return objects(**changes).presign(file_id, datetime.now(UTC)).url


def test_a_link_brings_the_bytes_under_the_name(objects: Objects) -> None:
    reply = httpx.get(link(objects))
    assert (reply.status_code, reply.content) == (200, BODY)
    assert reply.headers["content-disposition"] == f'attachment; filename="{FILE}.zip"'
    assert reply.headers["etag"] == '"5d41402abc4b2a76b9719d911017c592"'
    empty = httpx.get(link(objects, EMPTY))
    assert (empty.status_code, empty.content) == (200, b"")


@pytest.mark.parametrize(
    ("asked", "told", "body"),
    [
        ("bytes=0-1", "bytes 0-1/5", b"he"),
        ("bytes=3-", "bytes 3-4/5", b"lo"),
        ("bytes=-2", "bytes 3-4/5", b"lo"),
        ("bytes=1-99", "bytes 1-4/5", b"ello"),
    ],
)
def test_a_range_is_that_part(objects: Objects, asked: str, told: str, body: bytes) -> None:
    reply = httpx.get(link(objects), headers={"range": asked})
    assert (reply.status_code, reply.headers["content-range"], reply.content) == (206, told, body)


def test_a_range_behind_the_end_is_refused(objects: Objects) -> None:
    assert httpx.get(link(objects), headers={"range": "bytes=5-"}).status_code == 416


def test_a_file_that_was_swapped_is_not_continued(objects: Objects) -> None:
    reply = httpx.get(link(objects), headers={"range": "bytes=3-", "if-match": '"another"'})
    assert reply.status_code == 412


def test_a_link_to_nothing_says_so(objects: Objects, store: Store) -> None:
    reply = httpx.get(link(objects, MISSING))
    assert reply.status_code == (403 if Lax.MISSING_IS_REFUSED in store.lax else 404)


def test_a_link_to_what_may_not_be_read_is_refused(objects: Objects, store: Store) -> None:
    assert httpx.get(link(objects, bucket_name=store.closed)).status_code == 403


@pytest.mark.parametrize("change", TAMPERED.values(), ids=TAMPERED)
def test_a_link_that_was_changed_is_refused_where_links_are_checked(
    objects: Objects, store: Store, change: tuple[str, str]
) -> None:
    changed = link(objects).replace(*change)
    assert changed != link(objects)
    assert httpx.get(changed).status_code == (200 if Lax.ANY_LINK in store.lax else 403)


def test_a_link_without_its_signature_is_refused(objects: Objects, store: Store) -> None:
    bare = re.sub(r"\?.*", "", link(objects))
    assert httpx.get(bare).status_code == (200 if Lax.UNSIGNED in store.lax else 403)


def test_a_link_by_a_wrong_key_is_refused_where_links_are_checked(objects: Objects, store: Store) -> None:
    reply = httpx.get(link(objects, s3_secret_access_key="wrong"))
    assert reply.status_code == (200 if Lax.ANY_LINK in store.lax else 403)


def test_a_link_ends_where_links_are_checked(objects: Objects, store: Store) -> None:
    ended = objects().presign(FILE, datetime.now(UTC) - timedelta(seconds=301)).url
    assert httpx.get(ended).status_code == (200 if Lax.ANY_LINK in store.lax else 403)


def test_another_host_is_refused_where_links_are_checked(objects: Objects, store: Store) -> None:
    """The host is part of the signature: a link is for the address that it was signed for."""
    reply = httpx.get(link(objects).replace("127.0.0.1", "localhost"))
    assert reply.status_code == (200 if Lax.ANY_LINK in store.lax else 403)


def test_a_link_leads_to_the_address_that_browsers_see(objects: Objects, store: Store) -> None:
    """One server under two names: the service calls the first, links are signed for the second."""
    public = store.endpoint.replace("127.0.0.1", "localhost")
    adapter = objects(s3_public_endpoint_url=public)
    url = adapter.presign(FILE, datetime.now(UTC)).url
    assert url.startswith(f"{public}/{store.bucket}/")
    assert httpx.get(url).content == BODY
    with faulty(store.endpoint) as server:
        objects(server.url, s3_public_endpoint_url=public).head(FILE)
        assert server.asked == 1
