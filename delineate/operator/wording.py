"""Log lines in words: those of the contract have words of their own, others are shown as they are."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from delineate import words
from delineate.operator.event import FAILED, READY, Event
from delineate.operator.logs import Line

# What stands in every line, or has a column of its own.
SHOWN_APART = frozenset({
    "level", "location", "message", "timestamp", "service", "function", "runId", "coldStart", "jobId",
    "fileId", "userId", "attempt", "code", "requestId", "correlationId", "traceId", "xray_trace_id",
    "sampling_rate", "exception", "exception_name", "stack_trace", "cold_start", "function_arn",
    "function_memory_size", "function_name", "function_request_id",
})  # fmt: skip
OUTCOMES = {
    "ready": "file ready",
    "failed": "file failed",
    "again": "file not ready, to be tried again",
    "given_up": "file given up",
}
FINAL = {"ready": READY, "failed": FAILED, "given_up": FAILED}
BUNDLES = {
    "completed": "bundle complete",
    "failed": "bundle failed",
    "continued": "bundle goes on in another run",
    "cleared": "what was left of the bundle cleared away",
    "busy": "bundle asked for twice: another run is at it",
    "nothing": "bundle asked for in vain: there is nothing to do",
    "again": "bundle not made, to be tried again",
}
REPAIRS = {
    "nothing": "looked at: nothing to do",
    "sent_again": "looked at: messages of its open files sent again",
    "deadline": "looked at: past its deadline, open files failed",
    "closed": "looked at: every file had a result, job closed",
    "notified": "looked at: notice of its end queued",
    "unsent": "looked at: the notice of its end could not be queued",
    "bundle_asked": "looked at: nobody bundles its files, asked for again",
    "waiting": "looked at: no progress yet, its lane is busy",
    "seen": "looked at: it goes on",
    "gone": "looked at: its item is gone",
    "busy": "looked at: somebody else was just changing it",
    "broken": "looked at: its item cannot be read",
}
Fields = Mapping[str, Any]


def in_words(line: Line) -> Event:
    """The event that a line tells of; its text is not veiled yet."""
    fields = line.fields
    message = str(fields.get("message", ""))
    known = WORDS.get(message, _as_it_is)
    kind = FINAL.get(str(fields.get("outcome")), message) if message == "file" else message
    return Event(
        at=line.at,
        source=line.function,
        kind=kind or "line",
        text=known(fields),
        file_id=whole(fields.get("fileId")),
        attempt=whole(fields.get("attempt")),
        reason=str(fields["code"]) if fields.get("code") else None,
        level=str(fields.get("level", "info")).lower(),
        request_id=fields.get("requestId"),
        trace_id=fields.get("traceId"),
    )


def _request(fields: Fields) -> str:
    took = fields.get("durationMs")
    in_time = f" in {float(took):,.0f} ms" if isinstance(took, int | float) else ""
    return f"{fields.get('method')} {fields.get('endpoint')} answered {fields.get('status')}{in_time}"


def _job(fields: Fields) -> str:
    was, status = fields.get("was"), fields.get("status")
    total, ready, failed = (whole(fields.get(name)) or 0 for name in ("total", "completed", "failed"))
    again = f", round {fields['round']}" if (whole(fields.get("round")) or 1) > 1 else ""
    if not was:
        return f"accepted: {words.files(total)}{again}"
    counted = f": {ready:,} of {words.files(total)} ready, {failed:,} failed" if ready or failed else ""
    return f"{was} → {status}{again}{counted}"


def _file(fields: Fields) -> str:
    return OUTCOMES.get(str(fields.get("outcome")), f"file {fields.get('outcome')}")


def _webhook(fields: Fields) -> str:
    return f"webhook {fields.get('outcome')}"


def _bundle(fields: Fields) -> str:
    return BUNDLES.get(str(fields.get("outcome")), f"bundle {fields.get('outcome')}")


def _looked_at(fields: Fields) -> str:
    return REPAIRS.get(str(fields.get("repair")), f"looked at: {fields.get('repair')}")


def _fault(fields: Fields) -> str:
    return f"fault dealt with: {_why(fields) or 'no reason was given'}"


def _as_it_is(fields: Fields) -> str:
    more = [f"{name}={_plain(value)}" for name, value in fields.items() if name not in SHOWN_APART]
    why = _why(fields)
    return " ".join([str(fields.get("message", "")), *more, *([f"({why})"] if why else [])]).strip()


def _why(fields: Fields) -> str:
    """The last line of a trace, which names the error and what it says; else the error's name."""
    trace = str(fields.get("exception") or "").strip().splitlines()
    return trace[-1].strip() if trace else str(fields.get("exception_name") or "")


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def whole(value: object) -> int | None:
    """A field as a whole number, None when it is none."""
    try:
        return int(str(value))
    except ValueError:
        return None


WORDS: Mapping[str, Callable[[Fields], str]] = {
    "request": _request,
    "job": _job,
    "file": _file,
    "webhook": _webhook,
    "bundle": _bundle,
    "looked at": _looked_at,
    "fault": _fault,
}
