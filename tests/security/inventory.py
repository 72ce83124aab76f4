"""What the deployed template has: the attack starts from what there is, not from what is documented."""

import json
from typing import Any

from infra_cdk.cloud import LocalCloud

OPEN = {"GET /", "GET /health", "GET /docs", "GET /openapi.json", "OPTIONS /", "OPTIONS /{proxy+}"}
"""What is meant for everybody; a route that joins them is a decision, made here as well."""

BY_LAMBDA = {"GET /v1/download/progress/{jobId}"}
"""Routes whose function itself checks a token or a ticket."""


def resources(cloud: LocalCloud, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for template in (cloud.state / "cdk.out").glob("*.template.json"):
        declared = json.loads(template.read_text())["Resources"]
        found |= {name: each for name, each in declared.items() if each["Type"] == kind}
    return found


def routes(cloud: LocalCloud) -> dict[str, dict[str, Any]]:
    """The HTTP API's routes by their keys."""
    apis = resources(cloud, "AWS::ApiGatewayV2::Api")
    (http,) = [name for name, each in apis.items() if each["Properties"]["ProtocolType"] == "HTTP"]
    found = [each["Properties"] for each in resources(cloud, "AWS::ApiGatewayV2::Route").values()]
    return {each["RouteKey"]: each for each in found if each["ApiId"] == {"Ref": http}}
