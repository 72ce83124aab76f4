"""What the emulator's CloudFormation leaves undone, done by its own APIs after a deployment."""

import json
from pathlib import Path
from typing import Any

from infra_cdk.addresses import API_ID_TAG


def browser_access(assembly: Path) -> dict[str, dict[str, Any]]:
    """API id to CORS configuration, as the templates of a cloud assembly state them."""
    resources = [
        resource
        for template in assembly.glob("*.template.json")
        for resource in json.loads(template.read_text())["Resources"].values()
        if resource["Type"] == "AWS::ApiGatewayV2::Api" and "CorsConfiguration" in resource["Properties"]
    ]
    return {
        resource["Properties"]["Tags"][API_ID_TAG]: resource["Properties"]["CorsConfiguration"]
        for resource in resources
    }


def mend(gateway: Any, assembly: Path) -> None:
    """Set CORS anew: MiniStack 1.5.33 stores the keys as the template spells them and never finds them."""
    for api_id, cors in browser_access(assembly).items():
        gateway.update_api(ApiId=api_id, CorsConfiguration=cors)
