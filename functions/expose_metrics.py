"""GET /metrics: what the service counted, for Prometheus. Only where METRICS_ENDPOINT is on."""

import hmac
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from downloads import standing, wiring
from downloads.contracts.base import ErrorBody, ErrorReply
from downloads.exposition import CONTENT_TYPE, Scrape, render
from downloads.http import JSON, STANDARD_HEADERS
from downloads.requests import REQUEST_ID, origin_of
from downloads.run import run
from downloads.settings import ExposeSettings

Answer = dict[str, Any]


@run
def handler(event: dict[str, Any], context: LambdaContext) -> Answer:
    """Answers whoever has the token of this stage, which is in Secrets Manager.

    What cannot be read is raised: API Gateway answers 500, and Prometheus says that it is down.
    """
    config = wiring.settings(ExposeSettings)
    given = event.get("headers", {}).get("authorization", "")
    if not hmac.compare_digest(given.encode(), f"Bearer {wiring.metrics_token(config)}".encode()):
        return _refused(origin_of(event).request_id)
    now = datetime.now(UTC)
    counted = wiring.counters(config).read(now)
    scrape = Scrape(counted.numbers, standing.gauges(config, counted, now))
    return _answer(HTTPStatus.OK, CONTENT_TYPE, render(scrape))


def _refused(request_id: str) -> Answer:
    error = ErrorBody(code="UNAUTHENTICATED", message="The token of the metrics is asked for.")
    answer = _answer(HTTPStatus.UNAUTHORIZED, JSON, ErrorReply(error=error, requestId=request_id).json())
    answer["headers"] |= {"www-authenticate": "Bearer", REQUEST_ID: request_id}
    return answer


def _answer(status: HTTPStatus, content_type: str, body: str) -> Answer:
    headers = {**STANDARD_HEADERS, "content-type": content_type}
    return {"statusCode": status.value, "headers": headers, "body": body}
