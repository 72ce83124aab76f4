"""Whether a run has time for one more job; what it has no time for is left to the next."""

from collections.abc import Callable

from aws_lambda_powertools.utilities.typing import LambdaContext

# What one job may cost.
ENOUGH_MS = 10_000


def time_left(context: LambdaContext, enough_ms: int = ENOUGH_MS) -> Callable[[], bool]:
    """Asks the run itself, each time it is called."""
    return lambda: context.get_remaining_time_in_millis() > enough_ms
