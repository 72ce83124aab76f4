"""One run of a function: what every handler does before and after its work, said once."""

import resource
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any, TypeVar

from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import BotoCoreError, ClientError

from downloads import LOADING_SINCE, emf, metrics, tally, wiring
from downloads.meter import Sample
from downloads.settings import RunSettings
from downloads.telemetry import bind, logger, meter, spans

Event = dict[str, Any]
Answer = TypeVar("Answer")
Handler = Callable[[Event, LambdaContext], Answer]
KIB = 1024
MIB = 1024 * KIB


def run(handler: Handler[Answer]) -> Handler[Answer]:
    """The handler, logged, counted and traced; what it raises is raised again."""
    function = handler.__module__
    loaded_s = time.perf_counter() - LOADING_SINCE
    fresh = [True]

    @wraps(handler)
    def told(event: Event, context: LambdaContext) -> Answer:
        cold, fresh[:] = bool(fresh), []
        bind(context, function, cold=cold)
        wiring.observers.step, wiring.observers.call = tally.step, tally.call
        if cold:
            meter().add(metrics.COLD_STARTS, function=function)
            meter().add(metrics.INIT_SECONDS, loaded_s, function=function)
        part = " ".join([function, event["routeKey"]] if "routeKey" in event else [function])
        _begin(part, context)
        started, outcome = time.perf_counter(), "error"
        try:
            answer = handler(event, context)
            outcome = "ok"
            return answer
        finally:
            meter().add(metrics.RUNS, function=function, outcome=outcome)
            meter().add(metrics.RUN_SECONDS, time.perf_counter() - started, function=function)
            _weigh(function, context)
            _end(part, context)

    return told


def _weigh(function: str, context: LambdaContext) -> None:
    # Linux counts in KiB ("getrusage(2)"); the most that this process ever held.
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIB
    meter().add(metrics.MEMORY_USED, used, function=function)
    meter().add(metrics.MEMORY_LIMIT, int(context.memory_limit_in_mb) * MIB, function=function)


def _begin(part: str, context: LambdaContext) -> None:
    config = wiring.settings(RunSettings)
    if not config.keep_metrics:
        return
    until = datetime.now(UTC) + timedelta(milliseconds=context.get_remaining_time_in_millis())
    try:
        wiring.counters(config).begin(part, context.aws_request_id, until)
    except (ClientError, BotoCoreError) as fault:
        logger().warning("a run was not noted", exc_info=fault)


def _end(part: str, context: LambdaContext) -> None:
    spans().flush()
    config, samples = wiring.settings(RunSettings), meter().drain()
    if config.cloudwatch_metrics:
        emf.write(samples, config.namespace)
    if config.keep_metrics:
        _keep(part, context, samples, config)


def _keep(part: str, context: LambdaContext, samples: list[Sample], config: RunSettings) -> None:
    try:
        wiring.counters(config).end(part, context.aws_request_id, samples, datetime.now(UTC))
    except (ClientError, BotoCoreError) as fault:
        # Told again, they might be counted twice: they may have been added before the answer was lost.
        logger().warning("counts were lost", extra={"samples": len(samples)}, exc_info=fault)
