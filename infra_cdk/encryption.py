"""Encryption at rest: one key of ours for everything that the stack stores, where CUSTOMER_KEY asks for it.

Without it everything is encrypted all the same, under keys that AWS owns and no policy can take away.
"""

from aws_cdk import Duration, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct, IConstruct

from infra_cdk.config import Config
from infra_cdk.key_policy import key_policy
from infra_cdk.logs import removal_policy

REUSE_SECONDS = 300
"""How long SQS keeps a data key: its default, and one request to KMS for each queue and role in that time."""


def encrypt(scope: Construct, name: str, config: Config) -> kms.Key:
    """Make the key and put everything under it that the stack of `scope` holds by now."""
    key = kms.Key(
        scope,
        name,
        description=f"Everything that downloads-{config.stage} stores",
        enable_key_rotation=True,
        pending_window=Duration.days(30 if config.retain_data else 7),
        policy=key_policy(Stack.of(scope)),
        removal_policy=removal_policy(config),
    )
    for resource in Stack.of(scope).node.find_all():
        _put_under(resource, key.key_arn)
    return key


def _put_under(resource: IConstruct, key_arn: str) -> None:
    # On the resource itself: the CDK's classes would also add a statement of KMS to every role that they
    # grant anything, and the key's own policy says it all.
    match resource:
        case dynamodb.CfnTable():
            resource.sse_specification = dynamodb.CfnTable.SSESpecificationProperty(
                sse_enabled=True, sse_type="KMS", kms_master_key_id=key_arn
            )
        case sqs.CfnQueue():
            resource.sqs_managed_sse_enabled = None
            resource.kms_master_key_id = key_arn
            resource.kms_data_key_reuse_period_seconds = REUSE_SECONDS
        case sns.CfnTopic():
            resource.kms_master_key_id = key_arn
        case secretsmanager.CfnSecret() | logs.CfnLogGroup():
            resource.kms_key_id = key_arn
        case s3.CfnBucket():
            resource.bucket_encryption = _under_a_bucket_key(key_arn)


def _under_a_bucket_key(key_arn: str) -> s3.CfnBucket.BucketEncryptionProperty:
    """With a bucket key, S3 asks KMS once in a while, not once a file."""
    default = s3.CfnBucket.ServerSideEncryptionByDefaultProperty(
        sse_algorithm="aws:kms", kms_master_key_id=key_arn
    )
    rule = s3.CfnBucket.ServerSideEncryptionRuleProperty(
        bucket_key_enabled=True, server_side_encryption_by_default=default
    )
    return s3.CfnBucket.BucketEncryptionProperty(server_side_encryption_configuration=[rule])
