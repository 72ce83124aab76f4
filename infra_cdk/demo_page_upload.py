"""Putting the built page into its bucket when the stack is deployed, by the CDK's own function for that."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from aws_cdk import DefaultStackSynthesizer, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_deployment as s3deploy
from constructs import Construct

from infra_cdk.config import Config
from infra_cdk.demo_page_files import ALWAYS_ASK, FOR_A_YEAR, HASHED, SETTINGS_FILE
from infra_cdk.logs import service_log_group
from infra_cdk.nag import acknowledge, acknowledge_wildcard

BY_THE_CDK = (
    "The CDK's bucket deployment grants itself these families of verbs, on the bucket of assets for reading "
    "and on the page's own, which holds nothing else; it runs only while the stack is deployed or deleted."
)
FAMILIES = ("s3:GetBucket*", "s3:GetObject*", "s3:List*", "s3:Abort*", "s3:DeleteObject*")

THE_CDKS_RUNTIME = "The function and its runtime come with aws-cdk-lib, and are renewed with it."

HANDLER = "Custom::CDKBucketDeployment8693BB64968944B69AAFB0CC9EB8756C"
"""The id under which the CDK shares one function among the bucket deployments of a stack."""


def upload(
    scope: Construct, config: Config, bucket: s3.Bucket, build: Path, settings: Mapping[str, object]
) -> None:
    """Put the build and its settings into the bucket; empty it before the stack is deleted.

    What is named by its content comes first, and `index.html`, which names it, after; what an older
    `index.html` names stays, for the pages that are open meanwhile.
    """
    logs = service_log_group(scope, "upload_logs", config)
    # A role of ours: the function's own would bring a managed policy, with a right to every log group.
    role = iam.Role(scope, "upload_role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    logs.grant_write(role)
    put = partial(
        s3deploy.BucketDeployment,
        scope,
        destination_bucket=bucket,
        prune=False,
        retain_on_delete=False,
        role=role,
        log_group=logs,
    )
    hashed = put(
        "upload_hashed",
        sources=[s3deploy.Source.asset(str(build / HASHED))],
        destination_key_prefix=HASHED,
        cache_control=[s3deploy.CacheControl.from_string(FOR_A_YEAR)],
    )
    fresh = put(
        "upload_fresh",
        sources=[
            s3deploy.Source.asset(str(build), exclude=[HASHED, SETTINGS_FILE]),
            s3deploy.Source.json_data(SETTINGS_FILE, settings),
        ],
        cache_control=[s3deploy.CacheControl.from_string(ALWAYS_ASK)],
    )
    fresh.node.add_dependency(hashed)
    for family in FAMILIES:
        acknowledge(role, f"AwsSolutions-IAM5[Action::{family}]", BY_THE_CDK)
    acknowledge_wildcard(role, bucket.arn_for_objects("*"), BY_THE_CDK)
    acknowledge_wildcard(role, _assets(Stack.of(scope)), BY_THE_CDK)
    acknowledge(Stack.of(scope).node.find_child(HANDLER), "AwsSolutions-L1", THE_CDKS_RUNTIME)


def _assets(stack: Stack) -> str:
    """What lies in the bucket of the CDK's bootstrap, where the build waits to be unpacked."""
    bucket = f"cdk-{DefaultStackSynthesizer.DEFAULT_QUALIFIER}-assets-{stack.account}-{stack.region}"
    return f"arn:{stack.partition}:s3:::{bucket}/*"
