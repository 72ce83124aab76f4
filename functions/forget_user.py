"""Operators' call (`delineate admin forget`): deletes what is kept of one user, a slice a call."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from msgspec import Meta, Struct, convert

from downloads import wiring
from downloads.caller import USER
from downloads.run import run
from downloads.settings import ForgetSettings
from downloads.telemetry import logger, user
from downloads.time_left import time_left
from downloads.usecases.forget import Shredder, forget


class Request(Struct, frozen=True, forbid_unknown_fields=True):
    """``after`` is what the last call answered, to go on from there."""

    owner: Annotated[str, Meta(pattern=f"^{USER}.", max_length=1_024)]
    after: str | None = None


@run
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answers what it deleted, and ``done``; until then it is called again with its ``after``."""
    config, request = wiring.settings(ForgetSettings), convert(event, Request)
    secret = config.history_secret_arn
    history = wiring.history(secret, config.history_url) if secret else None
    shredder = Shredder(wiring.holdings(config), history, time_left(context))
    told = asdict(forget(request.owner, shredder, datetime.now(UTC), request.after))
    counts = {name: count for name, count in told.items() if name != "after"}
    logger().info("forgotten", extra={**user(request.owner), **counts})
    return told
