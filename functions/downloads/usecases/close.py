"""End connections whose token has ended."""

from collections.abc import Callable
from datetime import datetime

from downloads.errors import ConnectionFaultError, StateUnavailableError
from downloads.usecases.watch import expire
from downloads.watch_ports import Connections, Endings


def close_ended(
    endings: Endings, connections: Connections, now: datetime, time_left: Callable[[], bool]
) -> tuple[int, int]:
    """Closes what is due while there is time; answers how many were closed, and how many could not be.

    What could not be closed is due again at the next run; it is told nothing meanwhile.
    """
    closed = failed = 0
    for connection_id, ends_at in endings.due(now):
        if not time_left():
            break
        try:
            expire(connection_id, connections)
            endings.forget(connection_id, ends_at)
        except (ConnectionFaultError, StateUnavailableError):
            failed += 1
        else:
            closed += 1
    return closed, failed
