"""What comes from outside is read strictly, and what is wrong with it is said without a word of it."""

import json
import traceback
from datetime import UTC, datetime
from uuid import UUID

import pytest
from msgspec import ValidationError

from downloads.account_settings import AuthSettings
from downloads.contracts.history import HistoryMessage
from downloads.contracts.messages import FileMessage, RestoreMessage
from downloads.file import Priority
from downloads.model import JobStatus, OnError
from downloads.reading import read_json
from downloads.setting_parts import PaceSettings, StageSettings, read

JOB_ID = UUID("8ae45b3f-0000-4000-8000-000000000001")
GOOD = {"jobId": str(JOB_ID), "fileId": 70000, "round": 2}
SECRET = "wJalrXUtnFEMI - at `$.stage`"
ENDED = HistoryMessage(
    jobId=JOB_ID,
    owner="user:ann",
    status=JobStatus.FAILED,
    priority=Priority.HIGH,
    onError=OnError.CONTINUE,
    round=1,
    version=3,
    total=2,
    completed=1,
    failed=1,
    createdAt=datetime(2026, 11, 23, 12, tzinfo=UTC),
    completedAt=datetime(2026, 11, 23, 12, 0, 1, 500, tzinfo=UTC),
    expiresAt=datetime(2026, 11, 24, 12, tzinfo=UTC),
)


def told(error: BaseException) -> str:
    """All that a log may say of it, causes and all."""
    return "".join(traceback.format_exception(error))


def test_what_this_service_writes_it_reads() -> None:
    message = FileMessage(jobId=JOB_ID, fileId=70000)
    assert message.json() == f'{{"jobId":"{JOB_ID}","fileId":70000,"round":1}}'
    assert read_json(message.json(), FileMessage) == message
    assert '"completedAt":"2026-11-23T12:00:01.000500Z"' in ENDED.json()
    assert "startedAt" not in ENDED.json()
    assert read_json(ENDED.json(), HistoryMessage) == ENDED


@pytest.mark.parametrize(
    "wrong",
    [
        {"fileId": "70000"},
        {"fileId": 70000.0},
        {"fileId": True},
        {"fileId": -1},
        {"round": 0},
        {"jobId": 1},
        {"jobId": SECRET},
        {"more": 1},
        {SECRET: 1},
    ],
)
def test_a_message_is_read_strictly(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as error:
        read_json(json.dumps(GOOD | wrong), FileMessage)
    assert SECRET not in told(error.value)
    assert "wJalr" not in told(error.value)


def test_an_event_of_another_service_may_have_more_fields() -> None:
    event = {"detail": {"object": {"key": "70000.zip", "size": 5}, "bucket": {}}, "time": "now"}
    assert read_json(json.dumps(event), RestoreMessage).detail.object.key == "70000.zip"


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"detail":' + "[" * 100_000, '{"a":"\ud800"}'])
def test_what_is_no_message_at_all_is_refused_alike(text: str) -> None:
    with pytest.raises(ValidationError):
        read_json(text, RestoreMessage)


def test_a_word_of_a_message_is_never_repeated() -> None:
    text = json.dumps(json.loads(ENDED.json()) | {"status": SECRET})
    with pytest.raises(ValidationError) as error:
        read_json(text, HistoryMessage)
    assert str(error.value) == "Invalid enum value (not shown) - at `$.status`"


@pytest.mark.parametrize(
    ("model", "name"),
    [
        (AuthSettings, "auth_mode"),
        (PaceSettings, "max_concurrency"),
        (PaceSettings, "download_delay_enabled"),
    ],
)
def test_a_setting_is_named_and_its_value_is_not(model: type[StageSettings], name: str) -> None:
    good = {"stage": "test", "table_name": "t", "auth_mode": "none", "max_concurrency": "5"}
    with pytest.raises(ValidationError, match=name) as error:
        read(model, good | {name: SECRET})
    assert SECRET not in told(error.value)
