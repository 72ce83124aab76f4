"""The service's calls, typed. Every method raises `Unreachable` or `ServiceError`."""

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Literal, Self, TypeVar
from urllib.parse import quote
from uuid import uuid4

import httpx
from httpx_sse import EventSource
from pydantic import ValidationError

from delineate import transport
from delineate.auth.bearer import Bearer
from delineate.auth.tokens import Tokens
from delineate.backoff import retry_after
from delineate.contracts import Entry, JobReply, JobsReply, Link, LinksReply, Reply, Started
from delineate.errors import Unreachable
from delineate.limit import limited
from delineate.network import Network
from delineate.stop import Stop
from delineate.watching import sse

Priority = Literal["high", "normal"]
UNLIMITED = httpx.Limits(max_connections=None, max_keepalive_connections=20)
R = TypeVar("R", bound=Reply)


class Api:
    """A connection to the service at `base_url`; use it as a context manager, or `close` it.

    It may be shared by threads. Without `tokens` nobody is signed in. `sleep` waits between tries.
    """

    def __init__(
        self,
        base_url: str,
        client: httpx.Client | None = None,
        sleep: Callable[[float], object] | None = None,
        tokens: Tokens | None = None,
        network: Network | None = None,
    ) -> None:
        self.base_url = base_url
        # Also for the WebSocket API, which is another host of the same service; a `client` brings its own.
        self.tokens = tokens
        self.network = network or Network()
        auth = Bearer(tokens, base_url) if tokens else None
        self._client = client or transport.connect(base_url, auth, self.network)
        # Apart, and as many as are wanted: streams held for half a minute must not keep calls waiting.
        self._streams = client or transport.connect(base_url, auth, self.network, limits=UNLIMITED)
        self._sleep = sleep
        self._stop = Stop()
        # How many seconds the service last asked pollers to wait.
        self.retry_after: float | None = None

    def __enter__(self) -> "Api":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()
        self._streams.close()

    def within(self, stop: Stop) -> Self:
        """The same connection for one caller, whose calls raise `Stopped` as soon as it is time."""
        bound = copy.copy(self)
        bound._stop = stop  # its own
        return bound

    def entry(self) -> Entry:
        """What the service is, and where its WebSocket API is."""
        return self._ask("GET", "", Entry)

    def initiate(
        self,
        file_ids: Sequence[int],
        priority: Priority = "normal",
        idempotency_key: str | None = None,
        **more: str | None,
    ) -> Started:
        """Start a job for these files (1 to 1,000 with the service's default settings).

        Each call has an `Idempotency-Key`, by default one of its own: however often it has to be sent, a
        service that honours the key starts one job. `more` are the request's other fields.
        """
        body: dict[str, object] = {"file_ids": list(file_ids), "priority": priority}
        body |= {name: value for name, value in more.items() if value is not None}
        key = {"idempotency-key": idempotency_key or str(uuid4())}
        return self._ask("POST", "v1/download/initiate", Started, json=body, headers=key)

    def jobs_pages(self, limit: int | None = None) -> Iterator[JobsReply]:
        """The caller's jobs, newest first, page by page; `limit` jobs a page at most."""
        cursor = None
        while True:
            page = self._ask("GET", "v1/downloads", JobsReply, params={"limit": limit, "cursor": cursor})
            yield page
            if not (cursor := page.nextCursor):
                return

    def events(
        self, job_id: str, last_event_id: int | None, timeout: float
    ) -> AbstractContextManager[EventSource]:
        """One answer of the job's event stream, newer than that version, within `timeout` seconds."""
        path = f"v1/download/progress/{_part(job_id)}"
        limit = limited(httpx.Timeout(timeout), self._stop)
        return sse.opened(self._streams, path, last_event_id, limit)

    def status(self, job_id: str, limit: int | None = None, cursor: str | None = None) -> JobReply:
        """The job and one page of its files; `limit` 0 leaves the files out, none means 1,000."""
        params = {"limit": limit, "cursor": cursor}
        return self._ask("GET", f"v1/download/status/{_part(job_id)}", JobReply, params=params)

    def status_pages(self, job_id: str) -> Iterator[JobReply]:
        """The job with all its files, page by page."""
        page = self.status(job_id)
        yield page
        while page.nextCursor:
            page = self.status(job_id, cursor=page.nextCursor)
            yield page

    def links(self, job_id: str, cursor: str | None = None, limit: int | None = None) -> LinksReply:
        """Links to what is ready of one page of the job's files; each was signed for this answer.

        `limit` counts files, ready or not: 1,000 at most, and when it is not given.
        """
        params = {"limit": limit, "cursor": cursor}
        return self._ask("GET", self._job(job_id), LinksReply, params=params)

    def links_pages(self, job_id: str) -> Iterator[LinksReply]:
        """Links to everything that is ready now, page by page."""
        page = self.links(job_id)
        yield page
        while page.nextCursor:
            page = self.links(job_id, cursor=page.nextCursor)
            yield page

    def manifest(self, job_id: str, form: str, cursor: str | None = None) -> httpx.Response:
        """Links to what is ready in the form of another tool: the answer as it came, for it is no JSON."""
        return self._send("GET", self._job(job_id), params={"format": form, "cursor": cursor})

    def link(self, job_id: str, file_id: int) -> Link | None:
        """A fresh link to one file, None while it is not ready."""
        reply = self._ask("GET", self._job(job_id), LinksReply, params={"file_id": file_id})
        return next((link for link in reply.files if link.file_id == file_id), None)

    def cancel(self, job_id: str) -> JobReply:
        """Stop preparing the job's files; `ServiceError` with code `JOB_ENDED` when it has ended already."""
        return self._ask("DELETE", self._job(job_id), JobReply)

    def retry(self, job_id: str) -> Started:
        """Prepare again what failed; `ServiceError` when the job goes on, was cancelled or lacks nothing."""
        return self._ask("POST", f"{self._job(job_id)}/retry", Started)

    @staticmethod
    def _job(job_id: str) -> str:
        return f"v1/download/{_part(job_id)}"

    def _ask(
        self,
        method: str,
        path: str,
        shape: type[R],
        params: dict[str, str | int | None] | None = None,
        **more: Any,
    ) -> R:
        response = self._send(method, path, params, **more)
        if path.startswith("v1/download/status/"):
            self.retry_after = retry_after(response.headers.get("retry-after"))
        try:
            return shape.model_validate_json(response.content)
        except ValidationError as fault:
            where = f"{response.request.url.copy_with(query=None)}"
            raise Unreachable(f"What answers at {where} is not the download service.") from fault

    def _send(
        self, method: str, path: str, params: dict[str, str | int | None] | None = None, **more: Any
    ) -> httpx.Response:
        given = {name: value for name, value in (params or {}).items() if value is not None}
        limit = limited(self._client.timeout, self._stop)
        request = self._client.build_request(method, path, params=given or None, timeout=limit, **more)
        try:
            return transport.send(self._client, request, self._wait)
        except Unreachable:
            # What ran into the caller's own deadline says nothing of the service.
            self._stop.check()
            raise

    def _wait(self, seconds: float) -> None:
        if self._sleep is None:
            return self._stop.pause(seconds)
        self._sleep(self._stop.within(seconds))
        return self._stop.check()


def _part(text: str) -> str:
    """One step of a path, whatever it is: dots are escaped, for `..` leads elsewhere (RFC 3986, 5.2.4)."""
    return quote(text, safe="").replace(".", "%2E")
