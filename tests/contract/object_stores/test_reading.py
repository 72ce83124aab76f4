"""What the service asks of a store by its own calls, in three of them."""

from datetime import UTC, datetime

import httpx
import pytest

from downloads.aws.s3 import S3Objects
from downloads.errors import DependencyDownError, ObjectUnreadableError
from downloads.file import ErrorCode
from tests.contract.object_stores.conftest import BODY, EMPTY, FILE, MISSING
from tests.contract.object_stores.stores import Lax, Objects, Store

NAMES = {
    "unicode": "año/日本/😀-{file_id}.zip",
    "spaces": "two  words/ {file_id} .zip",
    "plus": "a+b/{file_id}+.zip",
    "percent": "100%/%20%2F{file_id}.zip",
    "slashes": "a//b/{file_id}.zip",
    "reserved": "a&b=c;d:e@f,g$/x?y#z-{file_id}.zip",
    "marks": "it's (1)!*~/{file_id}'.zip",
    "quotes": 'quo"te\\back/{file_id}.zip',
}
"""Keys that one layer or another might write otherwise than it was signed."""


def refused(adapter: S3Objects) -> bool:
    """Whether a file is forbidden; else it must be there."""
    try:
        found: object = adapter.head(FILE).size
    except ObjectUnreadableError as error:
        found = error.code
    assert found in (ErrorCode.FORBIDDEN, len(BODY))
    return found is ErrorCode.FORBIDDEN


def test_head_tells_size_etag_and_that_it_is_an_md5(objects: Objects) -> None:
    found = objects().head(FILE)
    assert (found.key, found.size) == (f"downloads/{FILE}.zip", len(BODY))
    assert (found.etag, found.etag_is_md5) == ("5d41402abc4b2a76b9719d911017c592", True)
    assert found.cold is None


def test_an_empty_file_is_there(objects: Objects) -> None:
    assert objects().head(EMPTY).size == 0


@pytest.mark.parametrize("changes", [{}, {"bucket_name": "no-such-bucket"}], ids=["file", "bucket"])
def test_what_is_missing_is_not_found(objects: Objects, changes: dict[str, str]) -> None:
    with pytest.raises(ObjectUnreadableError) as raised:
        objects(**changes).head(MISSING)
    assert raised.value.code is ErrorCode.NOT_FOUND


def test_what_may_not_be_read_is_forbidden(objects: Objects, store: Store) -> None:
    stranger = objects(bucket_name=store.closed)
    assert refused(stranger) == (Lax.HEAD_OF_DENIED not in store.lax)


def test_a_ping_finds_the_bucket_and_misses_another(objects: Objects) -> None:
    objects().ping()
    with pytest.raises(DependencyDownError):
        objects(bucket_name="no-such-bucket").ping()


def test_a_wrong_key_is_forbidden_where_calls_are_checked(objects: Objects, store: Store) -> None:
    stranger = objects(s3_secret_access_key="wrong")
    assert refused(stranger) == (Lax.ANY_CALL not in store.lax)


@pytest.mark.parametrize("template", NAMES.values(), ids=NAMES)
def test_odd_names_are_found_and_their_links_lead_to_them(
    objects: Objects, store: Store, template: str
) -> None:
    body = template.encode()
    adapter = objects(key_template=template)
    store.put(template.format(file_id=FILE), body)
    assert adapter.head(FILE).size == len(body)
    reply = httpx.get(adapter.presign(FILE, datetime.now(UTC)).url)
    assert (reply.status_code, reply.content) == (200, body)
