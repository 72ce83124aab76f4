"""Logs and metrics, for handlers only: the domain knows nothing of them."""

from functools import cache

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext


@cache
def logger() -> Logger:
    """JSON lines in UTC; service name and level come from Powertools' own environment variables."""
    return Logger(utc=True)


@cache
def metrics() -> Metrics:
    """Embedded metrics, which CloudWatch reads from the log."""
    return Metrics()


def bind(context: LambdaContext, **keys: str) -> None:
    """Names the run in every line that is logged from here on."""
    logger().append_keys(function=context.function_name, runId=context.aws_request_id, **keys)
