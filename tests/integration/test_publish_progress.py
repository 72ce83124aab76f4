"""publish_progress on moto and a management API on loopback, with its sample events."""

import copy
import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

import publish_progress
from downloads import frame_rate, wiring
from downloads.bundle import Bundle, BundleFormat, wanted
from downloads.cold import RestoreRule, Tier
from downloads.file import RestoringFile
from downloads.frame_rate import FrameRate
from downloads.model import Job
from tests.conftest import a_job, ready
from tests.integration.conftest import CONNECTION, JOB_ID, context, sample
from tests.sockets import SocketApi

NOW = datetime.now(UTC)
NOTHING_FAILED: dict[str, list[Any]] = {"batchItemFailures": []}


def frames(api: SocketApi, connection: str = CONNECTION) -> list[dict[str, Any]]:
    return [json.loads(frame) for frame in api.frames.get(connection, [])]


def test_one_frame_tells_of_a_whole_batch(aws: SimpleNamespace, socket_api: SocketApi) -> None:
    aws.watchers.add(JOB_ID, CONNECTION, None, NOW)
    assert publish_progress.handler(sample("publish_progress"), context()) == NOTHING_FAILED
    (frame,) = frames(socket_api)
    assert (frame["type"], frame["since"], frame["version"], frame["status"]) == ("change", 1, 3, "completed")
    assert frame["progress"] == {"completed": 2, "failed": 1, "total": 3, "percentage": 100}
    assert [(file["file_id"], file["status"]) for file in frame["files"]] == [
        (70000, "completed"),
        (70007, "completed"),
        (70014, "failed"),
    ]
    assert frame["files"][2]["errorCode"] == "NOT_FOUND"
    assert "http" not in socket_api.frames[CONNECTION][0]


def test_a_frame_keeps_its_distance_from_the_one_before(
    aws: SimpleNamespace, socket_api: SocketApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    rate = FrameRate(waits.append)
    monkeypatch.setattr(wiring, "frame_rate", lambda: rate)
    monkeypatch.setattr(frame_rate, "BETWEEN_S", 60.0)
    publish_progress.handler(sample("publish_progress"), context())
    # Nobody watches: there is no frame to keep a distance from.
    assert waits == []
    aws.watchers.add(JOB_ID, CONNECTION, None, NOW)
    for _ in range(2):
        publish_progress.handler(sample("publish_progress"), context())
    (waited,) = waits
    assert 0 < waited < 60
    assert len(frames(socket_api)) == 2


def test_a_job_that_was_just_told_of_holds_up_no_other_of_its_batch(
    aws: SimpleNamespace, socket_api: SocketApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, told_before_waiting = "11111111-5b4d-4e6f-8a90-1b2c3d4e5f60", []
    rate = FrameRate(lambda _: told_before_waiting.append(frames(socket_api, "other")))
    rate.note(JOB_ID)
    monkeypatch.setattr(wiring, "frame_rate", lambda: rate)
    monkeypatch.setattr(frame_rate, "BETWEEN_S", 60.0)
    event = sample("publish_progress")
    event["Records"] += json.loads(json.dumps(event["Records"]).replace(JOB_ID, other))
    aws.watchers.add(JOB_ID, CONNECTION, None, NOW)
    aws.watchers.add(other, "other", None, NOW)
    publish_progress.handler(event, context())
    ((frame,),) = told_before_waiting
    assert frame["jobId"] == other


def counted_only(aws: SimpleNamespace, job: Job) -> dict[str, Any]:
    """The sample's record of a tally alone, of which the table has counted one file."""
    aws.watchers.add(JOB_ID, CONNECTION, None, NOW)
    aws.jobs.record(job, [ready(70000)], NOW)
    event = sample("publish_progress")
    event["Records"] = event["Records"][1:2]
    return event


def test_what_is_counted_is_settled_and_told_at_once(
    aws: SimpleNamespace, job: Job, socket_api: SocketApi
) -> None:
    publish_progress.handler(counted_only(aws, job), context())
    (frame,) = frames(socket_api)
    assert (frame["version"], frame["since"], frame["progress"]["completed"]) == (2, 1, 1)
    (listed,) = aws.jobs.listed(job.owner, 10).jobs
    assert (listed.version, listed.completed) == (2, 1)


def test_results_that_another_has_settled_are_told_with_the_job_as_it_stands(
    aws: SimpleNamespace, job: Job, socket_api: SocketApi
) -> None:
    event = counted_only(aws, job)
    aws.jobs.settle(JOB_ID)
    publish_progress.handler(event, context())
    (frame,) = frames(socket_api)
    assert (frame["version"], frame["since"], frame["progress"]["completed"]) == (2, 0, 1)


def test_a_job_is_told_with_what_is_counted_beside_it(
    aws: SimpleNamespace, job: Job, socket_api: SocketApi
) -> None:
    """Its record of a wait alone, of which its own counters say nothing."""
    counted_only(aws, job)
    before = stored(aws)
    restoring = RestoringFile(70007, NOW + timedelta(hours=1))
    aws.jobs.wait(job, [restoring], RestoreRule(Tier.STANDARD), NOW)
    publish_progress.handler({"Records": [record_of(stored(aws), before)]}, context())
    (frame,) = frames(socket_api)
    assert (frame["version"], frame["since"], frame["progress"]["completed"]) == (3, 1, 1)


def test_a_version_that_was_told_as_it_was_settled_is_told_no_more(
    aws: SimpleNamespace, job: Job, socket_api: SocketApi
) -> None:
    event = counted_only(aws, job)
    before = stored(aws)
    publish_progress.handler(event, context())
    (record,) = sample("publish_progress")["Records"][2:]
    record["dynamodb"] |= {"OldImage": before, "NewImage": stored(aws)}
    assert publish_progress.handler({"Records": [record]}, context()) == NOTHING_FAILED
    assert [frame["version"] for frame in frames(socket_api)] == [2]


@pytest.mark.parametrize(("queue", "bundle"), [("bundles", wanted(BundleFormat.ZIP)), ("ended", None)])
def test_what_follows_from_the_last_result_is_asked_for_once(
    aws: SimpleNamespace, ended: str, socket_api: SocketApi, queue: str, bundle: Bundle | None
) -> None:
    """By the job's own record, marked as told; by no record of a tally, whichever call it comes in."""
    aws.jobs.create(a_job(total=2, job_id=JOB_ID, bundle=bundle, **since_today()), [70000, 70007])
    known, tallies = aws.jobs.get(JOB_ID), []
    for file_id in (70000, 70007):
        # Of two workers neither knows of the other: none settles.
        aws.jobs.record(known, [ready(file_id)], NOW)
        tallies.append(record_of(stored(aws, "TALLY#0001#00")))
    before = stored(aws)
    follows = []
    for read in (tallies[0], None, tallies[1]):
        record = read or record_of(stored(aws), before)
        assert publish_progress.handler({"Records": [record]}, context()) == NOTHING_FAILED
        follows.append(len(messages(aws, queue)))
    assert follows == [0, 1, 0]


def test_what_could_not_be_asked_for_is_read_again_though_it_was_told(
    aws: SimpleNamespace, ended: str, job: Job, socket_api: SocketApi
) -> None:
    aws.jobs.record(job, [ready(70000), ready(70007)], NOW)
    aws.jobs.settle(JOB_ID)
    before = stored(aws)
    aws.jobs.cancel(JOB_ID, job.owner, NOW)
    image = stored(aws)
    event = {"Records": [record_of(image | {"announced": image["version"]}, before)]}
    aws.sqs.delete_queue(QueueUrl=aws.urls["ended"])
    assert publish_progress.handler(event, context()) == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    assert frames(socket_api) == []


@pytest.fixture
def ended(aws: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> str:
    """The queue of a stage that keeps a history."""
    url: str = aws.sqs.create_queue(QueueName="downloads-ended")["QueueUrl"]
    aws.urls["ended"] = url
    monkeypatch.setenv("HISTORY_QUEUE_URL", url)
    return url


def since_today() -> dict[str, datetime]:
    return {"created_at": NOW.replace(microsecond=0), "expires_at": NOW + timedelta(days=1)}


def record_of(image: dict[str, Any], before: dict[str, Any] | None = None) -> dict[str, Any]:
    keys = {name: image[name] for name in ("PK", "SK")}
    old = {"OldImage": before} if before else {}
    return {"dynamodb": {"Keys": keys, "SequenceNumber": "1", "NewImage": image, **old}}


def messages(aws: SimpleNamespace, queue: str) -> list[Any]:
    found: list[Any] = aws.sqs.receive_message(QueueUrl=aws.urls[queue]).get("Messages", [])
    for one in found:
        aws.sqs.delete_message(QueueUrl=aws.urls[queue], ReceiptHandle=one["ReceiptHandle"])
    return found


def stored(aws: SimpleNamespace, sort_key: str = "JOB") -> dict[str, Any]:
    key = {"PK": {"S": f"JOB#{JOB_ID}"}, "SK": {"S": sort_key}}
    item: dict[str, Any] = aws.dynamodb.get_item(TableName="downloads", Key=key)["Item"]
    return item


def test_who_is_not_reached_holds_back_nobody(aws: SimpleNamespace, socket_api: SocketApi) -> None:
    for connection in ("gone", "stuck", CONNECTION):
        aws.watchers.add(JOB_ID, connection, None, NOW)
    socket_api.gone.add("gone")
    socket_api.stuck.add("stuck")
    assert publish_progress.handler(sample("publish_progress"), context()) == NOTHING_FAILED
    assert len(frames(socket_api)) == 1
    assert aws.watchers.of(JOB_ID, NOW) == [CONNECTION]


def test_nobody_watching_costs_no_frame(aws: SimpleNamespace, socket_api: SocketApi) -> None:
    assert publish_progress.handler(sample("publish_progress"), context()) == NOTHING_FAILED
    assert socket_api.frames == {}


def test_a_wish_is_answered_with_a_snapshot(aws: SimpleNamespace, job: Job, socket_api: SocketApi) -> None:
    aws.jobs.record(job, [ready(70000)], NOW)
    publish_progress.handler(sample("publish_progress.wish"), context())
    (frame,) = frames(socket_api)
    assert (frame["type"], frame["version"], frame["status"]) == ("snapshot", 2, "processing")
    assert frame["files"] == [{"file_id": 70000, "status": "completed", "size": 42}]


def test_a_wish_of_a_connection_not_there_yet_is_written_anew(
    aws: SimpleNamespace, job: Job, socket_api: SocketApi
) -> None:
    socket_api.gone.add(CONNECTION)
    assert publish_progress.handler(sample("publish_progress.wish"), context()) == NOTHING_FAILED
    key = {"PK": {"S": f"CONN#{CONNECTION}"}, "SK": {"S": "WISH"}}
    assert aws.dynamodb.get_item(TableName="downloads", Key=key)["Item"]["tries"] == {"N": "1"}
    assert aws.watchers.of(JOB_ID, NOW) == []


def test_a_lasting_fault_of_the_table_is_tried_again_from_the_first_record(
    aws: SimpleNamespace, socket_api: SocketApi
) -> None:
    aws.dynamodb.delete_table(TableName="downloads")
    event = sample("publish_progress")
    first = event["Records"][0]["dynamodb"]["SequenceNumber"]
    assert publish_progress.handler(event, context()) == {"batchItemFailures": [{"itemIdentifier": first}]}


def test_a_passing_fault_of_the_table_brings_back_its_own_record(
    socket_api: SocketApi, table_away: None
) -> None:
    event = sample("publish_progress.wish")
    sequence = event["Records"][0]["dynamodb"]["SequenceNumber"]
    assert publish_progress.handler(event, context()) == {"batchItemFailures": [{"itemIdentifier": sequence}]}


SPOILT: list[dict[str, Any]] = [
    {"status": {"S": "asleep"}},
    {"version": {"S": "many"}},
    {"total": {"NULL": True}},
    {"owner": None},
    {"created_at": {"N": "1e30"}},
]


@pytest.mark.parametrize("change", SPOILT)
def test_a_record_of_unknown_shape_comes_back_alone_and_the_rest_is_told(
    aws: SimpleNamespace, socket_api: SocketApi, change: dict[str, Any]
) -> None:
    aws.watchers.add(JOB_ID, CONNECTION, None, NOW)
    event = sample("publish_progress")
    poison = copy.deepcopy(event["Records"][0])
    key = {"PK": {"S": "JOB#x"}, "SK": {"S": "JOB"}}
    image = {name: value for name, value in (poison["dynamodb"]["NewImage"] | change | key).items() if value}
    poison["dynamodb"] |= {"SequenceNumber": "999", "Keys": key, "NewImage": image}
    event["Records"].insert(1, poison)
    aws.watchers.add("x", CONNECTION, None, NOW)
    aws.dynamodb.put_item(TableName="downloads", Item=image)
    assert publish_progress.handler(event, context()) == {"batchItemFailures": [{"itemIdentifier": "999"}]}
    (frame,) = frames(socket_api)
    assert (frame["jobId"], frame["version"], len(frame["files"])) == (JOB_ID, 3, 3)
