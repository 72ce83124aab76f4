"""Logs and counts, for handlers and the edge only: the domain knows nothing of them."""

import logging
import random
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from downloads.caller import ANONYMOUS
from downloads.meter import Meter
from downloads.model import Job
from downloads.settings import load, log_level
from downloads.spans import Spans
from downloads.trace import Origin
from downloads.trace_settings import TraceSettings
from downloads.tracing import spans_of

# At DEBUG, which Lambda sets for the root logger too, these write signatures and session tokens.
OF_AWS = ("boto3", "botocore", "urllib3")
Keys = dict[str, Any]


@cache
def logger() -> Logger:
    """JSON lines in UTC; service name, level and sampling come from Powertools' own variables."""
    for name in OF_AWS:
        logging.getLogger(name).setLevel(logging.INFO)
    return Logger(utc=True, level=log_level())


@cache
def meter() -> Meter:
    """What this process counts; emptied at the end of each run."""
    return Meter()


@cache
def trace_settings() -> TraceSettings:
    return load(TraceSettings)


def spans() -> Spans:
    """Where this process tells of pieces of work; nowhere, unless TRACING says so."""
    return spans_of(trace_settings(), logger().warning)


def drawn() -> bool:
    """Whether a trace that begins here is one of those that are told."""
    # From the kernel: functions that begin as copies of one snapshot have the same seed.
    return random.SystemRandom().random() < trace_settings().trace_sample_rate


@dataclass(slots=True)
class Known:
    """What a run knows: the request that it answers, if it does, and what to say of each job."""

    request: Keys = field(default_factory=dict)
    origin: Origin | None = None
    jobs: dict[str, Keys] = field(default_factory=dict)


@cache
def _known() -> Known:
    return Known()


def bind(context: LambdaContext, function: str, *, cold: bool) -> None:
    """Names the run in every line that is logged from here on, and forgets the run before."""
    _known().jobs.clear()
    _known().request, _known().origin = {}, None
    logger().refresh_sample_rate_calculation()
    logger().clear_state()
    logger().append_keys(function=function, runId=context.aws_request_id, coldStart=cold)


def bind_request(origin: Origin, owner: str) -> None:
    """Names the request in every line of this run."""
    _known().request, _known().origin = keys_of(origin) | user(owner), origin
    logger().append_keys(**_known().request)


def request_origin() -> Origin:
    """Of the request that this run answers. Raises RuntimeError where it answers none."""
    if (origin := _known().origin) is None:
        raise RuntimeError("this run answers no request")
    return origin


def know(job_id: str, origin: Origin | None, owner: str = ANONYMOUS) -> None:
    """What lines about this job say besides: the request that it goes back to, and a hash of whose it is.

    Within another request they keep that one's id, and are found by the job's correlation id.
    """
    request = _known().request
    told = keys_of(origin) | user(owner)
    _known().jobs[job_id] = {
        name: value for name, value in told.items() if name not in request or name == "correlationId"
    }


def know_job(job: Job) -> None:
    know(job.job_id, job.origin, job.owner)


def known(job_id: str) -> bool:
    """Whether this run has to do with the job."""
    return job_id in _known().jobs


def about(job_id: str, **more: object) -> Keys:
    """The keys of a line about a job."""
    return {"jobId": job_id, **_known().jobs.get(job_id, {}), **more}


def keys_of(origin: Origin | None) -> Keys:
    """The keys of whatever goes back to a request."""
    if origin is None:
        return {}
    return {
        "requestId": origin.request_id,
        "correlationId": origin.correlation_id,
        "traceId": origin.trace.trace_id,
    }


def user(owner: str) -> Keys:
    """Enough to see that two lines are the same person's, and not whose."""
    return {} if owner == ANONYMOUS else {"userId": sha256(owner.encode()).hexdigest()[:16]}


def report(job_id: str, fault: Exception) -> None:
    """Logs a fault that is dealt with, with its cause: the message comes again, the frame is asked for."""
    logger().warning("fault", extra=about(job_id), exc_info=fault)
