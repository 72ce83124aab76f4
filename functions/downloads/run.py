"""One run of a function: what every handler does before and after its work, said once.

Nothing of that may cost the work: what fails in it is logged, and no more.
"""

import gc
import resource
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any, TypeVar

from aws_lambda_powertools.utilities.typing import LambdaContext

from downloads import COLLECT_AFTER, LOADING_SINCE, counting, emf, faults, metrics, tally, wiring
from downloads.clients import observers
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
    # The function is loaded: from here on garbage is collected, and looked for in what comes after.
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    function = handler.__module__
    loaded_s = time.perf_counter() - LOADING_SINCE
    first = iter([loaded_s])

    @wraps(handler)
    def told(event: Event, context: LambdaContext) -> Answer:
        this = Run(function, event, context)
        this.begin(next(first, None))
        try:
            answer = handler(event, context)
        except Exception as fault:
            this.end("error", fault)
            raise
        this.end("ok")
        return answer

    return told


class Run:
    """What is told of one call of a handler."""

    def __init__(self, function: str, event: Event, context: LambdaContext) -> None:
        self._function = function
        self._context = context
        # An HTTP API's events name the route; what others hold there is nothing to count by.
        self._part = f"{function} {event['routeKey']}" if "routeKey" in event else function
        self._started = time.perf_counter()

    def begin(self, loaded_s: float | None) -> None:
        """``loaded_s`` is how long loading took, for the first run of a process."""
        bind(self._context, self._function, cold=loaded_s is not None)
        observers.step, observers.call = tally.step, tally.call
        if loaded_s is not None:
            meter().add(metrics.COLD_STARTS, function=self._function)
            meter().add(metrics.INIT_SECONDS, loaded_s, function=self._function)
        carefully(self._tell_of_beginning)
        self._started = time.perf_counter()

    def end(self, outcome: str, fault: Exception | None = None) -> None:
        seconds = time.perf_counter() - self._started
        meter().add(metrics.RUNS, function=self._function, outcome=outcome)
        meter().add(metrics.RUN_SECONDS, seconds, function=self._function)
        if fault:
            carefully(lambda: faults.captured(fault))
        carefully(self._weigh)
        carefully(self._tell)
        carefully(faults.flush)

    def _tell_of_beginning(self) -> None:
        faults.begin(wiring.settings(FaultSettings))
        faults.about(faults.Run(function=self._function))
        until = datetime.now(UTC) + timedelta(milliseconds=self._context.get_remaining_time_in_millis())
        counting.begin(self._function, self._context.aws_request_id, until)

    def _weigh(self) -> None:
        # Linux counts in KiB ("getrusage(2)"); the most that this process ever held.
        used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIB
        meter().add(metrics.MEMORY_USED, used, function=self._function)
        limit = int(self._context.memory_limit_in_mb) * MIB
        meter().add(metrics.MEMORY_LIMIT, limit, function=self._function)

    def _tell(self) -> None:
        config, samples = wiring.settings(RunSettings), meter().drain()
        if config.cloudwatch_metrics:
            carefully(lambda: emf.write(samples, config.namespace))
        if self._context.get_remaining_time_in_millis() > ENOUGH_MS:
            carefully(lambda: counting.end(self._part, self._context.aws_request_id, samples))
            carefully(spans().flush)
        else:
            logger().warning("no time is left to tell of this run", extra={"samples": len(samples)})


def carefully(step: Callable[[], None]) -> None:
    """Does what matters less than the work itself."""
    try:
        step()
    except Exception:  # noqa: BLE001 # whatever it is: the work is done, or is to be done all the same
        logger().warning("could not be told", exc_info=True)
