"""publish_progress on moto and a management API on loopback, with its sample events."""

import copy
import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

import publish_progress
from downloads.model import Job
from tests.conftest import ready
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
    (stored,) = aws.jobs.listed(job.owner, 10).jobs
    assert (stored.version, stored.completed) == (2, 1)


def test_results_that_another_has_settled_are_told_with_the_job_as_it_stands(
    aws: SimpleNamespace, job: Job, socket_api: SocketApi
) -> None:
    event = counted_only(aws, job)
    aws.jobs.settle(JOB_ID)
    publish_progress.handler(event, context())
    (frame,) = frames(socket_api)
    assert (frame["version"], frame["since"], frame["progress"]["completed"]) == (2, 0, 1)


def test_a_version_that_was_told_as_it_was_settled_is_told_no_more(
    aws: SimpleNamespace, socket_api: SocketApi
) -> None:
    aws.watchers.add(JOB_ID, CONNECTION, None, NOW)
    event = sample("publish_progress")
    event["Records"] = event["Records"][2:]
    event["Records"][0]["dynamodb"]["NewImage"]["announced"] = {"N": "3"}
    assert publish_progress.handler(event, context()) == NOTHING_FAILED
    assert socket_api.frames == {}


def test_who_is_gone_is_forgotten_and_holds_back_nobody(aws: SimpleNamespace, socket_api: SocketApi) -> None:
    for connection in ("gone", "stuck", CONNECTION):
        aws.watchers.add(JOB_ID, connection, None, NOW)
    socket_api.gone.add("gone")
    socket_api.stuck.add("stuck")
    assert publish_progress.handler(sample("publish_progress"), context()) == NOTHING_FAILED
    assert len(frames(socket_api)) == 1
    assert sorted(aws.watchers.of(JOB_ID, NOW)) == sorted(["stuck", CONNECTION])


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
