"""What the emulator's CloudFormation leaves undone, done by its own APIs after a deployment."""

import json
from pathlib import Path
from typing import Any

from infra_cdk.addresses import API_ID_TAG

Found = dict[str, dict[str, Any]]


def browser_access(assembly: Path) -> Found:
    """API id to CORS configuration, as the templates of a cloud assembly state them."""
    properties = [
        resource["Properties"] for resource in _resources(assembly, "AWS::ApiGatewayV2::Api").values()
    ]
    return {
        each["Tags"][API_ID_TAG]: each["CorsConfiguration"]
        for each in properties
        if "CorsConfiguration" in each
    }


def unconditional(assembly: Path) -> list[str]:
    """Ids of the APIs whose Lambda authorizer is to be asked whatever a request carries."""
    apis = _resources(assembly, "AWS::ApiGatewayV2::Api")
    authorizers = [
        each["Properties"] for each in _resources(assembly, "AWS::ApiGatewayV2::Authorizer").values()
    ]
    return [
        apis[each["ApiId"]["Ref"]]["Properties"]["Tags"][API_ID_TAG]
        for each in authorizers
        if each["AuthorizerType"] == "REQUEST" and not each.get("IdentitySource")
    ]


def mend(gateway: Any, assembly: Path) -> None:
    """What MiniStack 1.5.33 takes from a template otherwise than AWS does.

    It stores the keys of CORS as the template spells them and never finds them; and it reads an authorizer
    without an identity source as one that wants an Authorization header.
    """
    for api_id, cors in browser_access(assembly).items():
        gateway.update_api(ApiId=api_id, CorsConfiguration=cors)
    for api_id in unconditional(assembly):
        for authorizer in gateway.get_authorizers(ApiId=api_id)["Items"]:
            gateway.update_authorizer(
                ApiId=api_id, AuthorizerId=authorizer["AuthorizerId"], IdentitySource=[]
            )


def let_cloudfront_read(s3: Any, bucket: str) -> None:
    """Drop the refusal of plain http from a bucket's policy.

    MiniStack 1.5.33 takes CloudFront's own way to its bucket, which on AWS is TLS, for plain http.
    """
    policy = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    allowed = [each for each in policy["Statement"] if each["Effect"] == "Allow"]
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({**policy, "Statement": allowed}))


def _resources(assembly: Path, kind: str) -> Found:
    return {
        name: resource
        for template in assembly.glob("*.template.json")
        for name, resource in json.loads(template.read_text())["Resources"].items()
        if resource["Type"] == kind
    }
