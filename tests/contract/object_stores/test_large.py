"""A file of five gigabytes that takes none, on the one store that can hold it so.

S3's protocol has no sparse upload, and moto and the emulator keep objects in memory: there it would cost
its size. SeaweedFS's own door, the filer, writes at an offset; the hole before that is read as zeros.
"""

from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx
import pytest

from downloads import clients
from downloads.aws.files import S3Files
from infra_cdk.seaweedfs_setup import PORTS
from tests.contract.object_stores.stores import Objects, Store

LARGE = 70105
HOLE = 5 * 2**30
END = b"the end"

pytestmark = pytest.mark.parametrize("store", ["seaweedfs"], indirect=True)


@pytest.fixture(scope="module")
def large(store: Store) -> int:
    """How many bytes it has."""
    port = (urlsplit(store.endpoint).port or 0) + PORTS.index("filer.port")
    path = f"/buckets/{store.bucket}/downloads/{LARGE}.zip"
    httpx.put(f"http://127.0.0.1:{port}{path}?offset={HOLE}", content=END, timeout=30).raise_for_status()
    return HOLE + len(END)


def test_a_large_file_is_as_large_as_it_is(objects: Objects, large: int) -> None:
    assert objects().head(LARGE).size == large


def test_a_download_goes_on_behind_four_gigabytes(objects: Objects, large: int) -> None:
    url = objects().presign(LARGE, datetime.now(UTC)).url
    reply = httpx.get(url, headers={"range": f"bytes={HOLE - 2}-"})
    assert (reply.status_code, reply.content) == (206, b"\0\0" + END)
    assert reply.headers["content-range"] == f"bytes {HOLE - 2}-{large - 1}/{large}"


def test_an_archive_is_filled_from_behind_four_gigabytes(objects: Objects, store: Store, large: int) -> None:
    adapter = objects()
    client = clients.s3_moving_client(store.settings())
    body = S3Files(client, store.bucket).open(adapter.head(LARGE), HOLE)
    assert body.read(100) == END
    body.close()
