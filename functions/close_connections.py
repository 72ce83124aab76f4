"""Schedule: every minute, closes the WebSocket connections whose token has ended."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from downloads import wiring
from downloads.run import run
from downloads.settings import CloseSettings
from downloads.telemetry import logger
from downloads.time_left import time_left
from downloads.usecases.close import close_ended


@run
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """Answers how many connections were closed, and how many are left to the next run."""
    config = wiring.settings(CloseSettings)
    connections = wiring.connections(config.websocket_endpoint)
    closed, failed = close_ended(wiring.endings(config), connections, datetime.now(UTC), time_left(context))
    if failed:
        logger().warning("connections could not be closed", extra={"connections": failed})
    logger().info("connections closed", extra={"connections": closed})
    return {"closed": closed, "failed": failed}
