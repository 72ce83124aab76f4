"""One run of a function: what every handler does before and after its work, said once.

Nothing of that may cost the work: what fails in it is logged, and no more.
"""

import resource
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any, TypeVar

from aws_lambda_powertools.utilities.typing import LambdaContext

from downloads import LOADING_SINCE, counting, emf, faults, metrics, tally, wiring
from downloads.settings import FaultSettings, RunSettings
from downloads.telemetry import bind, logger, meter, spans

Event = dict[str, Any]
Answer = TypeVar("Answer")
Handler = Callable[[Event, LambdaContext], Answer]
KIB = 1024
MIB = 1024 * KIB
# Of the time that is left: telling of a run that is nearly cut off would cut it off.
ENOUGH_MS = 6_000


def run(handler: Handler[Answer]) -> Handler[Answer]:
    """The handler, logged, counted, traced, and its faults told; what it raises is raised again."""
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
        carefully(lambda: _begin(function, context))
        started, outcome = time.perf_counter(), "error"
        try:
            answer = handler(event, context)
            outcome = "ok"
            return answer
        except Exception as fault:
            caught = fault
            carefully(lambda: faults.captured(caught))
            raise
        finally:
            meter().add(metrics.RUNS, function=function, outcome=outcome)
            meter().add(metrics.RUN_SECONDS, time.perf_counter() - started, function=function)
            carefully(lambda: _weigh(function, context))
            carefully(
                lambda: _tell(
                    " ".join([function, event["routeKey"]] if "routeKey" in event else [function]), context
                )
            )
            carefully(faults.flush)

    return told


def carefully(step: Callable[[], None]) -> None:
    """Does what matters less than the work itself."""
    try:
        step()
    except Exception:  # noqa: BLE001 # whatever it is: the work is done, or is to be done all the same
        logger().warning("could not be told", exc_info=True)


def _begin(function: str, context: LambdaContext) -> None:
    faults.begin(wiring.settings(FaultSettings))
    faults.about(faults.Run(function=function))
    until = datetime.now(UTC) + timedelta(milliseconds=context.get_remaining_time_in_millis())
    counting.begin(function, context.aws_request_id, until)


def _weigh(function: str, context: LambdaContext) -> None:
    # Linux counts in KiB ("getrusage(2)"); the most that this process ever held.
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIB
    meter().add(metrics.MEMORY_USED, used, function=function)
    meter().add(metrics.MEMORY_LIMIT, int(context.memory_limit_in_mb) * MIB, function=function)


def _tell(part: str, context: LambdaContext) -> None:
    config, samples = wiring.settings(RunSettings), meter().drain()
    if config.cloudwatch_metrics:
        carefully(lambda: emf.write(samples, config.namespace))
    if context.get_remaining_time_in_millis() > ENOUGH_MS:
        carefully(lambda: counting.end(part, context.aws_request_id, samples))
        carefully(spans().flush)
    else:
        logger().warning("no time is left to tell of this run", extra={"samples": len(samples)})
