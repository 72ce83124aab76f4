"""The ports of bundling, on the fakes and on S3 and DynamoDB."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zlib import crc32

import boto3
import pytest
from botocore.stub import Stubber

from downloads.aws.archives import S3Archives
from downloads.aws.checkpoints import DynamoCheckpoints
from downloads.aws.files import S3Files
from downloads.bundle import MIB, Sizes
from downloads.bundle_ports import Archive, Archives, Checkpoint, Checkpoints, Files
from downloads.bundling.stream import Position
from downloads.errors import (
    FileChangedError,
    LeaseLostError,
    ObjectUnreadableError,
    UploadGoneError,
)
from downloads.file import ErrorCode, StoredObject
from tests.bundle_fakes import FakeArchives, FakeCheckpoints, FakeFiles
from tests.conftest import NOW, a_job
from tests.contract.conftest import ALL, a_name, cloud_of, make_table

JOB = a_job()
KEY, PREFIX = f"bundles/{JOB.job_id}/1/{JOB.job_id}.zip", f"bundles/{JOB.job_id}/1/"
NOBODY = {"aws_access_key_id": "nobody", "aws_secret_access_key": "nothing"}
LATER = NOW + timedelta(minutes=4)
FRESH = Checkpoint(JOB.job_id, 1, Sizes(10**9, 5 * MIB), JOB.expires_at, "one")
FAR = replace(
    FRESH,
    finished=(Archive("a-1of2.zip", 7 * 10**10, "etag-2", 3),),
    upload_id="upload",
    parts=2,
    seal=crc32(b"etag"),
    position=Position(5 * 10**9, (1, 2**32 - 1), 7, {70000: "CHANGED"}),
    plan="digest",
    volumes=2,
)


@pytest.fixture(params=ALL)
def checkpoints(request: pytest.FixtureRequest) -> Checkpoints:
    if request.param == "fake":
        return FakeCheckpoints()
    client = cloud_of(request)("dynamodb")
    return DynamoCheckpoints(client, make_table(client))


@pytest.fixture(params=ALL)
def archives(request: pytest.FixtureRequest) -> Archives:
    if request.param == "fake":
        return FakeArchives()
    client, bucket = cloud_of(request)("s3"), a_name()
    client.create_bucket(Bucket=bucket)
    return S3Archives(client, bucket)


@pytest.fixture(params=ALL)
def stored(request: pytest.FixtureRequest) -> tuple[Files, StoredObject]:
    """A store, and what it holds."""
    body = bytes(range(100))
    if request.param == "fake":
        return FakeFiles({"a.txt": ("etag", body)}), StoredObject("a.txt", 100, "etag")
    client, bucket = cloud_of(request)("s3"), a_name()
    client.create_bucket(Bucket=bucket)
    etag = client.put_object(Bucket=bucket, Key="a.txt", Body=body)["ETag"].strip('"')
    return S3Files(client, bucket), StoredObject("a.txt", 100, etag)


def test_a_lease_is_one_runs_alone(checkpoints: Checkpoints, now: datetime) -> None:
    assert checkpoints.take(FRESH, now) == FRESH
    assert checkpoints.take(replace(FRESH, holder="two"), now) is None
    assert checkpoints.take(replace(FRESH, holder="two"), LATER) == replace(FRESH, holder="two")
    with pytest.raises(LeaseLostError):
        checkpoints.save(FAR, LATER)


def test_who_takes_over_goes_on_from_the_last_checkpoint(checkpoints: Checkpoints, now: datetime) -> None:
    checkpoints.take(FRESH, now)
    checkpoints.save(FAR, now)
    checkpoints.release(FAR)
    taken = checkpoints.take(replace(FRESH, holder="two", sizes=Sizes(1, 1)), now)
    assert taken == replace(FAR, holder="two")
    assert checkpoints.standing(JOB.job_id, 1) == taken


def test_a_checkpoint_renews_the_lease(checkpoints: Checkpoints, now: datetime) -> None:
    checkpoints.take(FRESH, now)
    checkpoints.save(FAR, now + timedelta(minutes=2))
    assert checkpoints.take(replace(FRESH, holder="two"), LATER) is None


def test_a_lease_is_given_back_by_its_holder_alone(checkpoints: Checkpoints, now: datetime) -> None:
    checkpoints.take(FRESH, now)
    checkpoints.release(replace(FRESH, holder="two"))
    assert checkpoints.take(replace(FRESH, holder="two"), now) is None


@pytest.mark.parametrize("lease", [LATER, None], ids=["renewed", "given back"])
def test_who_takes_over_overwrites_no_checkpoint_that_came_meanwhile(
    aws: None, now: datetime, lease: datetime | None
) -> None:
    """The lease has ended; its holder, which was only slow, writes between the other's read and its write."""
    client = boto3.client("dynamodb")
    store = DynamoCheckpoints(client, make_table(client))
    store.take(FRESH, now)

    def holder_writes(**_: object) -> None:
        client.meta.events.unregister("after-call.dynamodb.GetItem", holder_writes)
        store.save(FAR, LATER)
        if lease is None:
            store.release(FAR)

    client.meta.events.register("after-call.dynamodb.GetItem", holder_writes)
    assert store.take(replace(FRESH, holder="two"), LATER) is None
    assert store.standing(JOB.job_id, 1) == FAR


def test_the_next_round_begins_anew_and_the_last_is_over(checkpoints: Checkpoints, now: datetime) -> None:
    checkpoints.take(FRESH, now)
    checkpoints.save(FAR, now)
    second = replace(FRESH, round=2, holder="two")
    assert checkpoints.take(second, now) == second
    assert checkpoints.take(FRESH, LATER) is None
    assert checkpoints.standing(JOB.job_id, 1) is None
    with pytest.raises(LeaseLostError):
        checkpoints.save(FAR, now)


def test_parts_become_an_archive(archives: Archives) -> None:
    upload_id = archives.begin(KEY)
    data = [b"x" * (5 * MIB), b"end"]
    first = archives.upload(KEY, upload_id, 1, b"y" * (5 * MIB))
    etags = [archives.upload(KEY, upload_id, number, each) for number, each in enumerate(data, 1)]
    parts = archives.parts(KEY, upload_id)
    assert [(part.number, part.size, part.etag) for part in parts] == [
        (1, 5 * MIB, etags[0]),
        (2, 3, etags[1]),
    ]
    assert first != etags[0]
    assert archives.find(KEY) is None
    whole = archives.complete(KEY, upload_id, parts)
    assert whole == archives.find(KEY)
    assert whole.size == 5 * MIB + 3
    assert '"' not in whole.etag


def test_an_upload_that_is_over_is_gone(archives: Archives) -> None:
    upload_id = archives.begin(KEY)
    archives.upload(KEY, upload_id, 1, b"all")
    archives.complete(KEY, upload_id, archives.parts(KEY, upload_id))
    with pytest.raises(UploadGoneError):
        archives.parts(KEY, upload_id)


# moto answers a part of no upload with a KeyError of its own.
@pytest.mark.parametrize("archives", ["fake", "emulator"], indirect=True)
def test_a_part_of_no_upload_is_refused(archives: Archives) -> None:
    upload_id = archives.begin(KEY)
    archives.abort(PREFIX)
    with pytest.raises(UploadGoneError):
        archives.upload(KEY, upload_id, 1, b"late")


def test_clearing_away_takes_what_lies_below_a_prefix(archives: Archives) -> None:
    def lies(key: str) -> tuple[str, Sequence[object]]:
        upload_id = archives.begin(key)
        archives.upload(key, upload_id, 1, b"part")
        return upload_id, archives.parts(key, upload_id)

    other = KEY.replace("/1/", "/11/")
    done, left, kept = archives.begin(KEY), lies(KEY)[0], lies(other)[0]
    archives.upload(KEY, done, 1, b"all")
    archives.complete(KEY, done, archives.parts(KEY, done))
    archives.abort(PREFIX)
    with pytest.raises(UploadGoneError):
        archives.parts(KEY, left)
    archives.end(KEY, left)
    assert archives.find(KEY)
    archives.delete(PREFIX)
    assert archives.find(KEY) is None
    assert len(archives.parts(other, kept)) == 1
    archives.end(other, kept)
    with pytest.raises(UploadGoneError):
        archives.parts(other, kept)
    archives.abort(PREFIX)


def test_a_file_is_read_from_any_byte_on(stored: tuple[Files, StoredObject]) -> None:
    files, held = stored
    whole, rest = files.open(held, 0), files.open(held, 90)
    assert b"".join(iter(lambda: whole.read(33), b"")) == bytes(range(100))
    assert rest.read(5) + rest.read(100) == bytes(range(90, 100))
    rest.close()


def test_a_file_that_is_another_by_now_is_not_read(stored: tuple[Files, StoredObject]) -> None:
    files, held = stored
    with pytest.raises(FileChangedError):
        files.open(replace(held, etag="0" * 32), 10)


def test_a_file_that_is_gone_says_so(stored: tuple[Files, StoredObject]) -> None:
    files, held = stored
    with pytest.raises(ObjectUnreadableError) as raised:
        files.open(replace(held, key="b.txt"), 0)
    assert raised.value.code is ErrorCode.NOT_FOUND


def test_a_file_that_is_archived_by_now_says_so() -> None:
    """Neither moto nor the emulator archives: S3's answer, by the API reference of GetObject."""
    client = boto3.client("s3", region_name="eu-central-1", **NOBODY)
    with Stubber(client) as s3:
        s3.add_client_error("get_object", "InvalidObjectState", http_status_code=403)
        with pytest.raises(ObjectUnreadableError) as raised:
            S3Files(client, "files").open(StoredObject("a.txt", 100, "etag"), 0)
    assert raised.value.code is ErrorCode.ARCHIVED
