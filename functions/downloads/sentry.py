"""Sentry's SDK: imported only where faults are told to Sentry, for it takes 0.2 s to import."""

import logging
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Any, cast

import sentry_sdk
from sentry_sdk.integrations.dedupe import DedupeIntegration
from sentry_sdk.integrations.logging import LoggingIntegration
from sentry_sdk.transport import HttpTransport
from sentry_sdk.types import Event, Hint

from downloads import VERSION
from downloads.rest import Rest
from downloads.scrubbing import scrub
from downloads.settings import FaultSettings

JOB = "download_job"
# Seconds that a run waits for what it tells to arrive, and that it tells nothing after it waited in vain.
PATIENCE_S = 2.0
SILENCE_S = 60.0
# Of a log line's fields, those that say what it is about, and what they are called here.
OF_A_LINE = {"jobId": "job_id", "fileId": "file_id"}
TAGS_OF_A_LINE = ("jobId", "requestId", "correlationId", "traceId")


class Sentry:
    """Tells Sentry of ERROR lines and of what leaves a run, each fault once; each run has its own scope.

    ``warn`` hears, once in a while, that Sentry took nothing. Raises ValueError when the DSN is none.
    """

    def __init__(self, config: FaultSettings, warn: Callable[[str], None]) -> None:
        self._samples = config.sentry_sample_rate > 0
        self._silent_until = 0.0
        self._run = ExitStack()
        self._job: dict[str, object] = {}
        sentry_sdk.init(
            transport=_telling(warn),
            dsn=config.sentry_dsn,
            release=f"downloads@{VERSION}",
            environment=config.stage,
            traces_sample_rate=config.sentry_sample_rate,
            # Nothing is said of send_default_pii, which is deprecated: it is False by default.
            # Values of variables are presigned URLs and tokens.
            include_local_variables=False,
            # Its integration for Lambda patches Lambda's own runtime, which a local cloud has not, and would
            # come too late in a run that has begun.
            default_integrations=False,
            auto_enabling_integrations=False,
            integrations=[LoggingIntegration(logging.INFO, logging.ERROR), DedupeIntegration()],
            in_app_include=["downloads"],
            max_breadcrumbs=30,
            before_send=self._told,
            before_send_transaction=self._told,
            # Each would be one more request, or one more thread, in a function that lives for a moment.
            send_client_reports=False,
            auto_session_tracking=False,
            enable_backpressure_handling=False,
        )

    def begin(self) -> None:
        """A scope of its own for the run, and a transaction if performance is told."""
        # A run that was killed has ended nothing.
        self._run.close()
        self._job = {}
        DedupeIntegration.reset_last_seen()
        self._run.enter_context(sentry_sdk.isolation_scope())
        if self._samples:
            self._run.enter_context(sentry_sdk.start_transaction(op="function", name="run"))

    def tell(self, tags: Mapping[str, str | int], job: Mapping[str, object], user: str | None) -> None:
        """Adds to what is known of the run; ``user`` is a hash."""
        scope = sentry_sdk.get_isolation_scope()
        scope.set_tags(tags)
        self._job |= job
        if self._job:
            scope.set_context(JOB, dict(self._job))
        if user:
            scope.set_user({"id": user})

    def name(self, name: str, source: str) -> None:
        """Names the run, in its faults as in its transaction."""
        sentry_sdk.get_current_scope().set_transaction_name(name, source)

    def captured(self, fault: BaseException) -> None:
        """A fault that leaves the run; if it was logged before, it is not told again."""
        if span := sentry_sdk.get_current_span():
            span.set_status("internal_error")
        sentry_sdk.capture_exception(fault)

    def flush(self) -> None:
        """Ends the run, and waits 2 s at most for what it told: then Sentry is let alone for a minute."""
        self._run.close()
        if self._silent:
            return
        began = time.monotonic()
        sentry_sdk.flush(PATIENCE_S)
        if time.monotonic() - began >= PATIENCE_S:
            self._silent_until = time.monotonic() + SILENCE_S

    @property
    def _silent(self) -> bool:
        return time.monotonic() < self._silent_until

    def _told(self, event: Event, hint: Hint) -> Event | None:  # noqa: ARG002 # the SDK's own signature
        return None if self._silent else cast(Event, scrub(_placed(cast(dict[str, Any], event))))


def _telling(warn: Callable[[str], None]) -> type[HttpTransport]:
    """The SDK's own transport; that it lost something, it would keep to itself."""
    rest = Rest()

    class Telling(HttpTransport):
        def on_dropped_event(self, reason: str) -> None:
            if not rest.on:
                rest.begin()
                warn(f"Sentry was not told of a fault: {reason}")

    return Telling


def _placed(event: dict[str, Any]) -> dict[str, Any]:
    """The event, about what its log line is about and not the run: a batch has several jobs."""
    event.pop("server_name", None)
    line = event.get("extra", {})
    about = {name: line[field] for field, name in OF_A_LINE.items() if field in line}
    if about:
        contexts = event.setdefault("contexts", {})
        known = contexts.get(JOB, {})
        same = about.get("job_id", known.get("job_id")) == known.get("job_id")
        contexts[JOB] = (known if same else {}) | about
    event["tags"] = event.get("tags", {}) | {name: line[name] for name in TAGS_OF_A_LINE if name in line}
    if "userId" in line:
        event["user"] = {"id": line["userId"]}
    return event
