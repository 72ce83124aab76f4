"""Access logs of the HTTP API, one JSON object a request."""

import json

import jsii
from aws_cdk import aws_apigateway as formats
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_logs as logs

# No query strings and no paths with ids in them: the route key tells what was called.
FIELDS = {
    "requestId": "$context.requestId",
    "time": "$context.requestTime",
    "ip": "$context.identity.sourceIp",
    "route": "$context.routeKey",
    "method": "$context.httpMethod",
    "status": "$context.status",
    "bytes": "$context.responseLength",
    "latencyMs": "$context.responseLatency",
    "integrationError": "$context.integrationErrorMessage",
}


@jsii.implements(apigateway.IAccessLogSettings)
class JsonAccessLogs:
    """Access log settings that write `FIELDS` to a log group."""

    def __init__(self, log_group: logs.ILogGroup) -> None:
        self._destination = apigateway.LogGroupLogDestination(log_group)

    @property
    def destination(self) -> apigateway.IAccessLogDestination:
        """The log group."""
        return self._destination

    @property
    def format(self) -> formats.AccessLogFormat:
        """One line of JSON."""
        return formats.AccessLogFormat.custom(json.dumps(FIELDS))
