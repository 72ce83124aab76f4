"""Logs, for handlers only: the domain knows nothing of them."""

import logging
from functools import cache

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

# At DEBUG, which Lambda sets for the root logger too, these write signatures and session tokens.
OF_AWS = ("boto3", "botocore", "urllib3")


@cache
def logger() -> Logger:
    """JSON lines in UTC; service name and level come from Powertools' own environment variables."""
    for name in OF_AWS:
        logging.getLogger(name).setLevel(logging.INFO)
    return Logger(utc=True)


def bind(context: LambdaContext, **keys: str) -> None:
    """Names the run in every line that is logged from here on."""
    logger().append_keys(function=context.function_name, runId=context.aws_request_id, **keys)


def report(job_id: str, fault: Exception) -> None:
    """Logs a fault that is dealt with, with its cause: the message comes again, the frame is asked for."""
    logger().warning("fault", extra={"jobId": job_id}, exc_info=fault)
