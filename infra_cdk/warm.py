"""Warming: the first call of a function unzips and imports everything; a newcomer shouldn't wait for it."""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from mypy_boto3_lambda import LambdaClient

AT_ONCE = 8


NOBODY = {"authorizer": {"jwt": {"claims": {"sub": "warm", "exp": "4102444800"}, "scopes": []}}}
"""What API Gateway hands on of a verified token; nothing is stored of it here."""


def _request(method: str, path: str) -> dict[str, Any]:
    """An HTTP API request of payload format 2.0, as short as a handler can do with."""
    http = {
        "method": method,
        "path": path,
        "sourceIp": "127.0.0.1",
        "protocol": "HTTP/1.1",
        "userAgent": "warm",
    }
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"content-type": "application/json"},
        "requestContext": {"http": http, "stage": "$default", "requestId": "warm", **NOBODY},
        "body": "{}" if method == "POST" else None,
        "isBase64Encoded": False,
    }


HARMLESS: dict[str, dict[str, Any]] = {
    "InitiateJobName": _request("POST", "/v1/download/initiate"),
    "JobsApiName": _request("GET", "/health"),
    "StreamProgressName": _request("GET", "/v1/download/progress/00000000-0000-4000-8000-000000000000"),
    "ProcessFileName": {"Records": []},
    "PublishProgressName": {"Records": []},
    "BuryFileName": {"Records": []},
    "DeliverWebhookName": {"Records": []},
    "BundleFilesName": {"Records": []},
    "SweepJobsName": {},
    "CloseConnectionsName": {},
    # No token and no ticket: the answer is a denial, and no failure.
    "AuthorizeWebsocketName": {
        "type": "REQUEST",
        "methodArn": "arn:aws:execute-api:us-east-1:000000000000:warm/live/$connect",
        "headers": {},
        "multiValueHeaders": {},
        "queryStringParameters": None,
        "requestContext": {
            "routeKey": "$connect",
            "eventType": "CONNECT",
            "connectionId": "warm",
            "stage": "live",
            "requestId": "warm",
            "identity": {"sourceIp": "127.0.0.1"},
        },
    },
    "WebsocketName": {
        "requestContext": {
            "routeKey": "$disconnect",
            "eventType": "DISCONNECT",
            "connectionId": "warm",
            "stage": "live",
            "requestId": "warm",
        },
        "isBase64Encoded": False,
    },
}
"""An event by stack output that names a function: complete enough to succeed, and without an effect."""


WORKERS = {"ProcessFileName": 5, "JobsApiName": 2}
"""How many at once, where it is more than one: process_file's default concurrency, a page and its poll."""


def warm(client: LambdaClient, outputs: Mapping[str, str]) -> list[str]:
    """Call every function as often at once as it will run; returns what went wrong, if anything."""
    calls = [name for name in HARMLESS for _ in range(WORKERS.get(name, 1))]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        problems = pool.map(lambda name: _call(client, outputs[name], HARMLESS[name]), calls)
    return sorted({problem for problem in problems if problem})


def _call(client: LambdaClient, function: str, event: dict[str, Any]) -> str | None:
    """What went wrong the second time: on a busy machine the first call may take longer than a run may."""
    problem = None
    for _ in range(2):
        reply = client.invoke(FunctionName=function, Payload=json.dumps(event).encode())
        if "FunctionError" not in reply:
            return None
        problem = f"{function}: {reply['Payload'].read().decode()[:500]}"
    return problem
