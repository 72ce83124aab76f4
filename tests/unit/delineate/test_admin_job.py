"""`admin job` by fakes: what it reads, how it orders and folds it, and what it never shows."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from rich.console import Console

from delineate.operator.cloud import AdminFault
from delineate.operator.fold import folded
from delineate.operator.items import who
from delineate.operator.job import show
from delineate.operator.job_picture import draw
from delineate.operator.logs import MOST_PAGES
from delineate.operator.story import JobUnknown, Question, Story, told
from delineate.operator.summary import summed_up
from tests.operator_fakes import NOW, OWNER, STACK, FakeAws, Item, job_item, ms

JOB = "a1"
PROCESS, SWEEP = "/logs/process-1", "/logs/sweep-1"
ENDED = {"status": "completed", "total": 3, "completed": 2, "failed": 1, "completed_at": NOW}


def at(seconds: float) -> datetime:
    """So long after the job was asked for."""
    return NOW + timedelta(seconds=seconds - 10)


def line(message: str, seconds: float = 0, **fields: Any) -> Item:
    stamp = at(seconds).strftime("%Y-%m-%d %H:%M:%S,%f")[:-3] + "+0000"
    return {"level": "INFO", "message": message, "timestamp": stamp, "jobId": JOB, "runId": "r", **fields}


def file_item(file_id: int, **fields: Any) -> Item:
    key = {"PK": {"S": f"JOB#{JOB}#{file_id % 8}"}, "SK": {"S": f"FILE#{file_id:09}"}, "round": {"N": "1"}}
    return key | {"url": {"S": "https://store.example/1?X-Amz-Signature=hidden"}, **fields}


def ready(file_id: int, seconds: float) -> Item:
    return file_item(file_id, size={"N": "1000"}, at=ms(at(seconds)))


def failed(file_id: int, code: str) -> Item:
    return file_item(file_id, error_code={"S": code})


def attempt(number: int, outcome: str, **fields: Item) -> Item:
    key = {"PK": {"S": f"DELIVERY#{JOB}"}, "SK": {"S": f"{7:09}#{number:03}"}, "at": ms(at(11))}
    return key | {"outcome": {"S": outcome}, "owner": {"S": OWNER}, "duration_ms": {"N": "40"}, **fields}


def story(aws: FakeAws, since: datetime | None = None) -> Story:
    return told(Question(STACK, JOB, since), aws, lambda: NOW + timedelta(seconds=20))


def shown(aws: FakeAws) -> str:
    """All of it as text, with single spaces."""
    found = story(aws)
    console = Console(width=300, color_system=None)
    with console.capture() as capture:
        console.print(draw(found, summed_up(found), found.events))
    return " ".join(capture.get().split())


def texts(aws: FakeAws) -> list[str]:
    return [event.text for event in story(aws).events]


def test_items_alone_tell_the_story_in_order() -> None:
    items = [ready(1, 3), ready(2, 5), failed(3, "NOT_FOUND"), attempt(1, "delivered", status={"N": "200"})]
    aws = FakeAws([job_item(JOB, **ENDED), *items])
    assert [(event.text, event.file_id) for event in story(aws).events] == [
        ("accepted: 3 files, priority normal", None),
        ("queued → processing", None),
        ("file ready, 1.0 kB", 1),
        ("file ready, 1.0 kB", 2),
        ("file failed", 3),
        ("completed: 2 of 3 files ready, 1 failed", None),
        ("webhook attempt 1 delivered, status 200, 40 ms", None),
    ]


def test_items_of_a_later_round_tell_when_that_began() -> None:
    aws = FakeAws([job_item(JOB, round=2, started_at=at(5), **ENDED)])
    assert texts(aws)[:2] == ["accepted: 3 files, priority normal", "round 2 began"]


def test_a_file_that_waits_for_its_restore_is_told_as_that() -> None:
    aws = FakeAws([job_item(JOB), file_item(7, ready_at=ms(at(12 * 3_600)))])
    (waits,) = (event for event in story(aws).events if event.file_id == 7)
    assert (waits.kind, waits.text[:32]) == ("file", "file archived, to be restored by")


def test_lines_of_the_contract_have_words_of_their_own() -> None:
    aws = FakeAws([job_item("b2")])
    aws.put(job_item(JOB, started_at=None))
    aws.lines[PROCESS] = [
        line("request", 1, method="POST", endpoint="/v1/download/initiate", status=202, durationMs=31.4),
        line("job", 2, status="processing", was="queued", total=3, completed=0, failed=0, round=1),
        line("file", 3, fileId=3, attempt=2, outcome="again", code="TIMEOUT"),
        line("looked at", 4, repair="sent_again"),
        line(
            "fault", 5, exception="Traceback\nTimeoutError: the store was late", exception_name="TimeoutError"
        ),
        line("job accepted", 6, files=3, round=1),
    ]
    events = story(aws).events[1:]
    assert [event.text for event in events] == [
        "POST /v1/download/initiate answered 202 in 31 ms",
        "queued → processing",
        "file not ready, to be tried again",
        "looked at: messages of its open files sent again",
        "fault dealt with: TimeoutError: the store was late",
        "job accepted files=3 round=1",
    ]
    again = events[2]
    assert (again.file_id, again.attempt, again.reason, again.source) == (3, 2, "TIMEOUT", "process_file")


def test_what_a_line_tells_is_not_told_by_the_item_again() -> None:
    aws = FakeAws([job_item(JOB, **ENDED), failed(3, "NOT_FOUND"), attempt(1, "failed")])
    aws.lines[PROCESS] = [
        line("job", 0, status="queued", total=3, round=1),
        line("job", 2, status="processing", was="queued"),
        line("file", 4, fileId=3, attempt=1, outcome="failed", code="NOT_FOUND"),
        line("job", 10, status="completed", was="processing", total=3, completed=2, failed=1),
        line("webhook", 11, webhookId=f"msg_{JOB}_7", outcome="failed"),
    ]
    assert texts(aws) == [
        "accepted: 3 files",
        "queued → processing",
        "file failed",
        "processing → completed: 2 of 3 files ready, 1 failed",
        "webhook attempt 1 failed, 40 ms",
    ]


def test_a_file_that_failed_and_was_ready_after_a_retry_is_told_as_both() -> None:
    aws = FakeAws([job_item(JOB, **ENDED, round=2), ready(3, 8)])
    aws.lines[PROCESS] = [line("file", 4, fileId=3, attempt=5, outcome="given_up", code="TIMEOUT")]
    assert [text for text in texts(aws) if text.startswith("file")] == [
        "file given up",
        "file ready, 1.0 kB",
    ]


def test_each_line_proves_by_its_own_job_that_it_belongs_here() -> None:
    aws = FakeAws([job_item(JOB)])
    mine = line("mine", 3)
    aws.lines[PROCESS] = [line("theirs", 3) | {"jobId": "b2"}, "no JSON: a1", json.dumps([JOB]), mine]
    assert texts(aws)[2:] == ["mine"]
    assert aws.calls.of("FilterLogEvents")[0]["filterPattern"] == '{ $.jobId = "a1" }'


def test_lines_of_the_same_request_without_a_job_belong_here_too() -> None:
    aws = FakeAws([job_item(JOB)])
    stray = line("no rate limit headers", 1, requestId="req-1")
    del stray["jobId"]
    another = stray | {"requestId": "req-2", "message": "another's"}
    theirs = line("theirs", 1, requestId="req-1") | {"jobId": "b2"}
    aws.lines[SWEEP] = [stray, another, theirs]
    aws.lines[PROCESS] = [line("job accepted", 1, requestId="req-1", correlationId='x" || "')]
    assert texts(aws)[1:3] == ["job accepted", "no rate limit headers"]
    assert '"req-1"' in aws.calls.of("FilterLogEvents")[-1]["filterPattern"]
    assert "x" not in aws.calls.of("FilterLogEvents")[-1]["filterPattern"]


def test_logs_are_read_around_the_job_or_since_when_it_is_said() -> None:
    aws = FakeAws([job_item(JOB, **ENDED)])
    story(aws)
    asked = aws.calls.of("FilterLogEvents")[0]
    assert asked["startTime"] == int(ms(at(-60))["N"])
    assert asked["endTime"] == int(ms(at(30))["N"])
    story(aws, NOW - timedelta(hours=3))
    assert aws.calls.of("FilterLogEvents")[-1]["startTime"] == int(ms(NOW - timedelta(hours=3))["N"])


def test_a_log_that_never_ends_is_read_in_part_and_that_is_said() -> None:
    aws = FakeAws([job_item(JOB)])
    aws.page = 1
    aws.lines[PROCESS] = [line("theirs") | {"jobId": "b2"}] * (MOST_PAGES + 5)
    assert len(aws.calls.of("FilterLogEvents")) == 0
    assert "read in part" in story(aws).notes[0]
    assert len(aws.calls.of("FilterLogEvents")) == MOST_PAGES + 2


def test_logs_that_may_not_be_read_leave_what_the_table_tells() -> None:
    aws = FakeAws([job_item(JOB)])
    aws.calls.refused["FilterLogEvents"] = "AccessDeniedException"
    found = story(aws)
    assert len(found.events) == 2
    assert all("AccessDeniedException" in note for note in found.notes)


def test_a_table_that_may_not_be_read_is_a_fault() -> None:
    aws = FakeAws()
    aws.calls.refused["Query"] = "AccessDeniedException"
    with pytest.raises(AdminFault, match="AccessDenied"):
        story(aws)


def test_a_job_that_never_was_is_said_so() -> None:
    with pytest.raises(JobUnknown, match="There is no job a1 in downloads-prod, or it is gone"):
        story(FakeAws())


def test_what_is_left_of_a_job_whose_item_is_gone_is_told() -> None:
    aws = FakeAws([ready(1, 3)])
    found = story(aws)
    assert [event.text for event in found.events] == ["file ready, 1.0 kB"]
    assert summed_up(found).status == "gone"


SECRETS = ("hidden", OWNER, "0f3c-someone", "X-Amz", "callback_url", "bobby")


def test_nothing_that_opens_a_door_or_names_somebody_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    aws = FakeAws([job_item(JOB, **ENDED), ready(1, 3), attempt(1, "failed", failure={"S": "TIMEOUT"})])
    why = f"ValueError: /hook?key=hidden of {OWNER}, 0f3c-someone, eyJhidden12.eyJhidden12.h"
    aws.lines[PROCESS] = [
        line("frame not sent", 3, link="https://bobby:hidden@store.example/a.zip?X-Amz-Signature=hidden#x"),
        line("fault", 4, exception=why),
        line("odd", 5, owner=OWNER, header="Bearer hidden-hidden", secret="whsec_hidden"),
    ]
    console = Console(width=300, color_system=None)
    show(Question(STACK, JOB, at(0)), each_file=True, as_json=True, client_of=aws)
    with console.capture() as capture:
        show(Question(STACK, JOB, at(0)), each_file=True, as_json=False, client_of=aws, console=console)
    for told_of in (capsys.readouterr().out, capture.get()):
        assert "https://store.example/a.zip" in told_of
        assert who(OWNER) in told_of
        assert [secret for secret in SECRETS if secret in told_of] == []


def test_a_thousand_files_are_a_few_lines_unless_each_is_asked_for() -> None:
    items = [ready(file_id, 3 + file_id / 1000) for file_id in range(1, 1001)]
    aws = FakeAws([job_item(JOB, status="processing", total=1100, completed=1000, failed=0), *items])
    aws.page = 1000
    aws.lines[PROCESS] = [line("published", 3 + n / 100, level="DEBUG", watchers=1) for n in range(90)]
    aws.lines[SWEEP] = [line("looked at", 3.5, repair="seen")]
    events = list(folded(story(aws).events))
    assert [(event.text, event.count) for event in events if event.kind == "ready"] == [
        ("500 files ready", 500),
        ("500 files ready", 500),
    ]
    assert len(events) == 7
    assert len(story(aws).events) == 1093


def test_polls_are_folded_whatever_they_took() -> None:
    aws = FakeAws([job_item(JOB)])
    poll = {"method": "GET", "endpoint": "/v1/download/status/{jobId}", "status": 200}
    aws.lines[PROCESS] = [line("request", 3 + n, durationMs=n, **poll) for n in range(5)]
    assert [event.text for event in folded(story(aws).events)][-1] == (
        "5 × GET /v1/download/status/{jobId} answered 200"
    )


def test_a_summary_says_how_fast_it_went_and_what_took_longest() -> None:
    items = [ready(1, 3), ready(2, 8), failed(3, "NOT_FOUND")]
    aws = FakeAws([job_item(JOB, **ENDED), *items])
    slow = summed_up(story(aws))
    seconds = [time and time.total_seconds() for time in (slow.pace.waited, slow.pace.ran)]
    assert seconds == [2, 8]
    assert slow.reasons == {"NOT_FOUND": 1}
    text = shown(aws)
    assert "Time waited 2.0 s, ran 8.0 s" in text
    assert "Pace 0.4 files/s; half of the files were ready after 5.5 s, the last after 8.0 s" in text
    assert "Gap 5.0 s without anything known, until file ready, 1.0 kB (2)" in text


def test_what_is_evenly_spread_has_no_gap_worth_a_line() -> None:
    items = [ready(number, 2 + number / 2) for number in range(1, 17)]
    assert summed_up(story(FakeAws([job_item(JOB, **ENDED), *items]))).pace.gap is None


def test_a_retry_counts_its_own_time_and_not_the_pause_before_it() -> None:
    aws = FakeAws([job_item(JOB, **{**ENDED, "completed_at": at(60)}, round=2)])
    again = line("file", 57, fileId=3, attempt=1, outcome="again", code="TIMEOUT")
    aws.lines[PROCESS] = [
        line("job", 2, status="processing", was="queued", round=1),
        line("file", 4, fileId=3, attempt=5, outcome="given_up", code="TIMEOUT"),
        line("job", 10, status="completed", was="processing", round=1),
        line("job", 55, status="processing", was="completed", round=2),
        again,
        line("file", 60.01, fileId=3, attempt=2, outcome="failed", code="NOT_FOUND"),
        line("job", 60.02, status="completed", was="processing", round=2),
    ]
    text = shown(aws)
    assert "Time waited 2.0 s, ran 3.0 s; round 1 before it took 10.0 s" in text
    assert "In vain 1 attempt: 1 TIMEOUT" in text
    del aws.lines[PROCESS]
    assert "Time not known: no log line tells when round 2 began" in shown(aws)


def test_a_line_a_moment_after_the_end_still_belongs_to_the_round() -> None:
    aws = FakeAws([job_item(JOB, **{**ENDED, "completed_at": at(60)}, round=2)])
    aws.lines[PROCESS] = [
        line("job", 55, status="processing", was="completed", round=2),
        line("file", 60.01, fileId=3, attempt=1, outcome="failed", code="NOT_FOUND"),
    ]
    assert "Time waited 5.0 s, ran 0.0 s" in shown(aws)


def test_the_same_attempt_told_by_four_lines_is_one_event() -> None:
    aws = FakeAws([job_item(JOB, **ENDED), failed(3, "NOT_FOUND")])
    fails = [line("file", 4 + n, fileId=3, attempt=1, outcome="failed", code="NOT_FOUND") for n in range(4)]
    aws.lines[PROCESS] = [*fails, line("file", 9, fileId=3, attempt=2, outcome="failed", code="NOT_FOUND")]
    found = [event for event in story(aws).events if event.kind == "failed"]
    assert [(event.attempt, event.told) for event in found] == [(1, 4), (2, 1)]
    assert "3 file failed, attempt 1 (NOT_FOUND) ×4" in shown(aws)


def test_the_request_that_asked_for_it_is_named() -> None:
    origin = {"r": {"S": "req-1"}, "c": {"S": f"of-{OWNER}"}, "t": {"S": f"00-{'ab' * 16}-{'cd' * 8}-01"}}
    text = shown(FakeAws([{**job_item(JOB, **ENDED), "origin": {"M": origin}}]))
    assert f"Ids request req-1, correlation of-{who(OWNER)}, trace {'ab' * 16}" in text
    assert "Ids" not in shown(FakeAws([job_item(JOB, **ENDED)]))


@pytest.mark.parametrize(
    ("lane", "dead", "why", "to_do"),
    [
        ((3, 0, 0), 0, "nothing works on its lane", "Nothing works on waiting files"),
        ((3, 2, 0), 0, "others are being worked on before it", "Files wait"),
        ((0, 0, 3), 0, "messages are held back until their time comes", "Nothing"),
        ((0, 3, 0), 0, "wait for their next attempt after TIMEOUT", "Mend what makes TIMEOUT"),
        ((0, 0, 0), 2, "letters that bury_file has not taken", "Dead letters stay"),
        ((0, 0, 0), 0, "its messages are not in the lane", "sweep_jobs"),
    ],
)
def test_an_open_job_in_which_nothing_happens_says_what_holds_it(
    lane: tuple[int, int, int], dead: int, why: str, to_do: str
) -> None:
    aws = FakeAws([job_item(JOB)])
    aws.lines[PROCESS] = [line("file", 4, fileId=3, attempt=1, outcome="again", code="TIMEOUT")]
    aws.lines[SWEEP] = [line("looked at", 29, repair="seen")]
    aws.depths |= {"https://sqs/normal": lane, "https://sqs/dead": (dead, 0, 0)}
    found = summed_up(story(aws))
    counted = f"26 s; lane normal has {lane[0]} waiting, {lane[1]} in flight, {lane[2]} delayed; {dead} dead"
    assert counted in str(found.held)
    assert why in str(found.held)
    assert to_do in found.advice


def test_a_simulated_delay_is_named_as_what_holds() -> None:
    aws = FakeAws([job_item(JOB, started_at=None)])
    aws.variables |= {"DOWNLOAD_DELAY_ENABLED": "true"}
    aws.variables |= {"DOWNLOAD_DELAY_MIN_MS": "1000", "DOWNLOAD_DELAY_MAX_MS": "120000"}
    aws.depths["https://sqs/normal"] = (0, 0, 3)
    text = shown(aws)
    assert "held back by the simulated delay" in text
    assert "each file is held back 1.0 s to 2 min 0 s" in text
    assert "waited 30.0 s, and nothing has begun" in text


def test_a_lane_that_may_not_be_asked_is_a_note() -> None:
    aws = FakeAws([job_item(JOB)])
    aws.calls.refused["GetQueueAttributes"] = "AccessDenied"
    assert "What waits in its lane cannot be read: AWS refused: " in shown(aws)
    assert "its lane could not be read" in shown(aws)


def test_the_lane_of_an_ended_job_is_not_asked() -> None:
    aws = FakeAws([job_item(JOB, **ENDED)])
    story(aws)
    assert aws.calls.of("GetQueueAttributes") == []


@pytest.mark.parametrize(
    ("changes", "more", "advice"),
    [
        ({"started_at": at(25)}, [ready(1, 26)], "Nothing: it goes on; its deadline is in 59 min 40 s."),
        ({"sweeps": 2}, [], "It stood still at 2 looks of the sweeper"),
        ({"check_at": at(-300)}, [], "The sweeper should have looked at it and has not: delineate admin top"),
        ({"deadline_at": at(0)}, [], "Its deadline is over"),
        (ENDED, [], "Nothing: it has ended."),
        (ENDED, [failed(3, "ATTEMPTS_EXHAUSTED")], "then: delineate admin redrive --stack downloads-prod"),
        (ENDED, [failed(3, "TIMEOUT")], "delineate retry a1"),
        (ENDED, [attempt(1, "exhausted")], "Its webhook was given up: docs/runbook.md"),
        (ENDED, [attempt(1, "failed", next_at=ms(at(300)))], "Nothing: its webhook is tried again at"),
        ({**ENDED, "check_at": at(-300)}, [], "The notice of its end is not queued"),
    ],
)  # fmt: skip
def test_a_summary_says_what_to_do(changes: Item, more: list[Item], advice: str) -> None:
    changes = {"check_at": None, **changes} if changes is ENDED else changes
    assert advice in summed_up(story(FakeAws([job_item(JOB, **changes), *more]))).advice


def test_each_event_is_one_line_with_time_offset_source_and_file() -> None:
    found = story(FakeAws([job_item(JOB, **ENDED), ready(70007, 3), failed(70084, "NOT_FOUND")]))
    console = Console(width=140, color_system=None)
    with console.capture() as capture:
        console.print(draw(found, summed_up(found), found.events))
    rows = [" ".join(row.split()) for row in capture.get().splitlines()]
    assert rows[0] == "Job a1 completed"
    assert "1 NOT_FOUND: the store has no such file" in rows
    assert "+3.000 s table 70007 file ready, 1.0 kB" in rows[-3]
    assert rows[-2] == "by then table 70084 file failed (NOT_FOUND)"
