"""A job's log lines: CloudWatch is asked by pattern, and each line's own `jobId` decides once more."""

import json
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from delineate.operator.cloud import AdminFault, asked

MOST_PAGES = 40
"""Pages read of one group: CloudWatch answers with a page for each MB it has searched, empty ones too."""
MOST_LINES = 5_000
AT_ONCE = 4
"""Groups read at a time; CloudWatch takes some ten calls a second of an account."""
MOST_REQUESTS = 8
"""Requests looked up besides the job: what fits a pattern of 1,024 characters."""
REQUEST_FIELDS = ("requestId", "correlationId")
Keep = Callable[[Mapping[str, Any]], bool]


@dataclass(frozen=True)
class Line:
    """One JSON line of a function."""

    at: datetime
    function: str
    fields: Mapping[str, Any]


@dataclass(frozen=True)
class Window:
    """From when to when lines are looked for."""

    since: datetime
    until: datetime


class Logs:
    """Reads the groups of `groups` (function: log group); what cannot be read is told in `faults`."""

    def __init__(self, client: Any, groups: Mapping[str, str], window: Window) -> None:
        self._client, self._groups, self._window = client, groups, window
        self.faults: list[str] = []

    def of_job(self, job_id: str) -> list[Line]:
        """Every line with this `jobId`; needs `logs:FilterLogEvents`."""
        pattern = f'{{ $.jobId = "{job_id}" }}'
        return self._lines(pattern, lambda fields: fields.get("jobId") == job_id)

    def of_requests(self, lines: Iterable[Line]) -> list[Line]:
        """Lines that name no job, of the requests and the larger pieces of work that `lines` name."""
        named = dict.fromkeys(one for line in lines for one in _names(line.fields))
        if not named:
            return []
        ids = set(list(named)[:MOST_REQUESTS])
        pattern = " || ".join(f'($.{name} = "{one}")' for one in sorted(ids) for name in REQUEST_FIELDS)
        return self._lines(
            f"{{ {pattern} }}", lambda fields: "jobId" not in fields and not ids.isdisjoint(_names(fields))
        )

    def _lines(self, pattern: str, keep: Keep) -> list[Line]:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            parts = list(pool.map(lambda one: self._group(one, pattern, keep), self._groups))
        lines = sorted((line for part in parts for line in part), key=lambda line: line.at)
        if len(lines) > MOST_LINES:
            self.faults.append(f"There are {len(lines):,} log lines; these are the first {MOST_LINES:,}.")
        return lines[:MOST_LINES]

    def _group(self, function: str, pattern: str, keep: Keep) -> list[Line]:
        try:
            found: list[Line] = asked(lambda: self._pages(function, pattern, keep))
        except AdminFault as fault:
            self.faults.append(f"The log of {function} cannot be read: {fault}")
            return []
        return found

    def _pages(self, function: str, pattern: str, keep: Keep) -> list[Line]:
        times = {"startTime": _epoch_ms(self._window.since), "endTime": _epoch_ms(self._window.until)}
        lines: list[Line] = []
        token: dict[str, str] = {}
        for _ in range(MOST_PAGES):
            reply = self._client.filter_log_events(
                logGroupName=self._groups[function], filterPattern=pattern, **times, **token
            )
            lines += [line for event in reply["events"] if (line := _line(function, event, keep))]
            if "nextToken" not in reply:
                return lines
            token = {"nextToken": reply["nextToken"]}
        self.faults.append(f"The log of {function} is long and was read in part: narrow it with --hours.")
        return lines


def _epoch_ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _names(fields: Mapping[str, Any]) -> list[str]:
    """Ids of a line that can stand in a pattern: callers choose them, within the bounds of a header."""
    found = (fields.get(name) for name in REQUEST_FIELDS)
    return [one for one in found if isinstance(one, str) and one and not set(one) & set('"\\')]


def _line(function: str, event: Mapping[str, Any], keep: Keep) -> Line | None:
    try:
        fields = json.loads(event["message"])
    except ValueError:
        return None
    if not isinstance(fields, dict) or not keep(fields):
        return None
    return Line(_moment(fields.get("timestamp"), event["timestamp"]), function, fields)


def _moment(told: object, taken_ms: int) -> datetime:
    """When a line was written, by itself; else when CloudWatch took it."""
    try:
        at = datetime.fromisoformat(str(told))
        return at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)
    except ValueError:
        return datetime.fromtimestamp(taken_ms / 1000, UTC)
