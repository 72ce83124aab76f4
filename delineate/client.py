"""The download service, as a program talks to it."""

import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Literal, Self

import httpx

from delineate import given
from delineate.api import Api, Priority
from delineate.auth.tokens import Token, tokens_of
from delineate.job import Job
from delineate.network import TIMEOUT, Network
from delineate.progress import JobState, merge_all
from delineate.stop import Stop

OnError = Literal["continue", "fail_fast"]


class Client:
    """The service at `base_url`; use it as a context manager, or `close` it. It may be shared by threads.

    `token` is an access token, or a function that returns one and is asked before every call; if it has a
    parameter `force`, that is true after a refusal. None takes `DELINEATE_TOKEN`, else the sign-in that
    `delineate login` keeps, else none. It goes over https only, or to this machine itself.

    `timeout` is of a call, in seconds or as httpx has it; `proxy` and `ssl_context` count for the storage and
    WebSockets too, and without them the environment's do (`HTTPS_PROXY`, `SSL_CERT_FILE`, …). `sleep` waits
    between tries at a busy service. Raises `ValueError` for what is no http(s) address.
    """

    def __init__(  # noqa: PLR0913 - each has a default that fits most
        self,
        base_url: str,
        token: Token = None,
        *,
        timeout: float | httpx.Timeout = TIMEOUT,
        proxy: str | None = None,
        ssl_context: ssl.SSLContext | None = None,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        base_url = given.web_address(base_url).rstrip("/")
        network = Network(httpx.Timeout(timeout), proxy, ssl_context)
        self._api = Api(base_url, sleep=sleep, tokens=tokens_of(base_url, token), network=network)
        self.jobs = Jobs(self._api)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._api.close()


class Jobs:
    """The caller's jobs: `client.jobs`. Every call raises `ServiceError` and `Unreachable`."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def create(  # noqa: PLR0913 - each is a field of the request
        self,
        file_ids: Iterable[int],
        *,
        priority: Priority = "normal",
        on_error: OnError | None = None,
        callback_url: str | None = None,
        idempotency_key: str | None = None,
        bundle: Literal["zip"] | None = None,
        stop: threading.Event | None = None,
    ) -> Job:
        """Start a job for these files; ids that stand twice count once.

        The same `idempotency_key` with the same request answers with the same job for 24 hours: give one of
        your own where the program that starts the job may itself be started twice. `on_error="fail_fast"`
        ends the job with the first file that fails; `bundle="zip"` has an archive made of them. Raises
        `ValueError`, before any call, for what is no id, no http(s) address or no key.
        """
        unique = given.file_ids(file_ids)
        if callback_url is not None:
            given.web_address(callback_url)
        if idempotency_key is not None:
            given.idempotency_key(idempotency_key)
        api = self._api.within(Stop.after(None, stop))
        started = api.initiate(
            unique, priority, idempotency_key, on_error=on_error, callback_url=callback_url, bundle=bundle
        )
        return Job(self._api, JobState.new(started.jobId, started.totalFiles), frozenset(unique))

    def get(self, job_id: str, *, stop: threading.Event | None = None) -> Job:
        """A job started earlier, as it stands now.

        Raises `NotFound` too when it has expired, and `ValueError` for what is no job's id.
        """
        job = Job(self._api, JobState(given.job_id(job_id)))
        job.refresh(stop=stop)
        return job

    def list(self) -> Iterator[Job]:
        """The caller's jobs, newest first, fetched by the page; of their files nothing is known yet."""
        for page in self._api.jobs_pages():
            for told in page.jobs:
                yield Job(self._api, merge_all(JobState(told.jobId), [told]))
