"""The service's real functions, called in this process, with the stand-in behind their clients."""

import json
import os
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout
from functools import cache
from importlib import import_module
from io import StringIO
from time import monotonic
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import boto3
import botocore.session

from downloads import clients, frame_rate, telemetry, wiring
from downloads.aws import recent
from downloads.frame_rate import FrameRate
from infra_cdk import environment
from infra_cdk.config import Config
from tests.bench.cloud.stand_in import StandIn

# As long as the session token of a Lambda role: it is a part of every presigned URL.
TOKEN = "IQoJb3JpZ2luX2VjE" + "t" * 900
ISSUER = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Ab1Cd2Ef3"
QUEUES = "https://sqs.eu-central-1.amazonaws.com/123456789012/downloads-"


class Functions:
    """Calls handlers by their file's name; ``logs`` has the bytes that each has written."""

    def __init__(self, cloud: StandIn, config: Config, clock: Callable[[], float] = monotonic) -> None:
        self._cloud, self._config, self._clock = cloud, config, clock
        self._remembers = defaultdict(_memory)
        self._lines = StringIO()
        self._runs = 0
        self.logs: dict[str, int] = {}
        self.lines: list[str] = []

    def invoke(self, name: str, event: dict[str, Any], worker: int = 0) -> dict[str, Any]:
        """Its answer; raises what the handler raises. Each worker remembers its own jobs, and no other's."""
        self._runs += 1
        self._cloud.by = name
        self._lines.seek(0)
        self._lines.truncate()
        with ExitStack() as during:
            during.enter_context(redirect_stdout(self._lines))
            during.enter_context(patch.multiple(wiring, **self._remembers[name, worker]))
            for module in (recent, frame_rate):
                during.enter_context(patch.object(module, "monotonic", self._clock))
            answer: dict[str, Any] = import_module(name).handler(event, self._context())
        # The runtime's own two lines a run, "platform.start" and "platform.report", are about so long.
        told = self._lines.getvalue()
        self.logs[name] = self.logs.get(name, 0) + len(told.encode()) + PLATFORM_BYTES
        self.lines += told.splitlines()
        return answer

    @contextmanager
    def ready(self) -> Iterator["Functions"]:
        """Makes environment, clients and log those of a deployed stage, and all as it was at the end."""
        kept, session = dict(os.environ), boto3.DEFAULT_SESSION
        os.environ.update(_environment(self._config))
        made = botocore.session.Session()
        self._cloud.attach(made)
        boto3.setup_default_session(botocore_session=made)
        _forget()
        stream = _log_to(self._lines)
        try:
            yield self
        finally:
            _log_to(stream)
            os.environ.clear()
            os.environ.update(kept)
            boto3.DEFAULT_SESSION = session
            _forget()

    def _context(self) -> Any:
        return SimpleNamespace(
            function_name=self._cloud.by,
            aws_request_id=f"run-{self._runs:032d}",
            memory_limit_in_mb=str(self._config.memory_mb),
            get_remaining_time_in_millis=lambda: 30_000,
        )


PLATFORM_BYTES = 700


def _unmoved(seconds: float) -> None:
    raise RuntimeError(f"a frame would wait {seconds} s in a model whose time does not move meanwhile")


def _memory() -> dict[str, Any]:
    """What remembers jobs in a process, with nothing remembered."""
    jobs = {made.__name__: cache(made.__wrapped__) for made in (wiring.jobs, wiring.recording_jobs)}
    # The model's stream is read four times a second, so that no frame has to wait for its turn.
    return jobs | {"frame_rate": cache(lambda: FrameRate(_unmoved))}


def _forget() -> None:
    """What is made once a process: settings, clients, adapters."""
    for module in (wiring, clients):
        for made in vars(module).values():
            if hasattr(made, "cache_clear"):
                made.cache_clear()


def _log_to(stream: Any) -> Any:
    """Points the logger at a stream; answers with the one before."""
    handlers = [one for one in telemetry.logger().handlers if hasattr(one, "setStream")]
    before = handlers[0].stream if handlers else sys.stdout
    for handler in handlers:
        handler.setStream(stream)
    return before


def _environment(config: Config) -> dict[str, str]:
    """As the stack sets it, with names made up where AWS makes them up."""
    queues = {name: f"{QUEUES}{name}" for name in ("high", "normal", "notices", "bundles", "parked")}
    return {
        "AWS_ACCESS_KEY_ID": "ASIATESTING",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_SESSION_TOKEN": TOKEN,
        "AWS_DEFAULT_REGION": "eu-central-1",
        **environment.common(config),
        **environment.limits(config),
        **environment.schedule(config),
        **environment.restores(config),
        **environment.guard(config),
        **environment.rates(config),
        **environment.objects(config, "downloads"),
        "AUTH_MODE": config.auth_mode,
        "TOKEN_ISSUER": ISSUER,
        "TOKEN_AUDIENCES": "client",
        "CORS_ORIGINS": "https://app.example.com",
        "TABLE_NAME": "downloads",
        "HIGH_QUEUE_URL": queues["high"],
        "NORMAL_QUEUE_URL": queues["normal"],
        "WEBHOOK_QUEUE_URL": queues["notices"],
        "BUNDLE_QUEUE_URL": queues["bundles"],
        "PARKED_QUEUE_URL": queues["parked"],
        "WEBSOCKET_URL": "wss://live.example.com/live",
        "WEBSOCKET_ENDPOINT": "https://live.example.com/live",
        "CONNECTION_TTL_SECONDS": str(config.connection_ttl_seconds),
        "FILE_TTL_SECONDS": str(config.file_ttl_seconds),
        "RESTORE_RECHECK_SECONDS": str(config.restore_recheck_seconds),
        "MAX_ATTEMPTS": str(config.max_attempts),
        "BUNDLES": "true",
    }


def answered(answer: dict[str, Any], status: int) -> dict[str, Any]:
    """The body of an HTTP API's answer. Raises RuntimeError when it is another than was expected."""
    if answer["statusCode"] != status:
        raise RuntimeError(f"{answer['statusCode']} instead of {status}: {answer.get('body', '')[:300]}")
    body: dict[str, Any] = json.loads(answer["body"])
    return body
