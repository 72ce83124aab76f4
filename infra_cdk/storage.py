"""Storage: the table that holds jobs, and the bucket that holds the files."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra_cdk.config import Config
from infra_cdk.function import ServiceFunction
from infra_cdk.logs import removal_policy
from infra_cdk.nag import acknowledge, acknowledge_wildcard

OPEN_JOBS = "open-jobs"
"""The sparse index of jobs that have not ended, by when the sweeper should look at them."""

OWNER_JOBS = "owner-jobs"
"""The index of jobs by who asked for them, newest last."""


RECORD = tuple(f"dynamodb:{verb}" for verb in ("GetItem", "Query", "PutItem", "UpdateItem"))
"""The verbs of who records results or changes jobs: all of these read, count and settle, or close tallies."""


class Storage(Construct):
    """The table, and a bucket: created private, or BUCKET_NAME where the files lie already."""

    def __init__(self, scope: Construct, name: str, config: Config) -> None:
        super().__init__(scope, name)
        self._config = config
        self.table = _create_table(self, config)
        self.bucket = _existing_bucket(self, config) or _create_bucket(self, config)

    def grant(self, function: ServiceFunction, *verbs: str) -> None:
        """Let a function do these things to the table's items, its indexes apart."""
        statement = iam.PolicyStatement(actions=list(verbs), resources=[self.table.table_arn])
        function.add_to_role_policy(statement)

    def grant_partitions(self, function: ServiceFunction, keys: Sequence[str], *verbs: str) -> None:
        """Let a function do these things to items whose partition key is like one of `keys`: `TICKET#*`."""
        statement = iam.PolicyStatement(
            actions=list(verbs),
            resources=[self.table.table_arn],
            conditions={"ForAllValues:StringLike": {"dynamodb:LeadingKeys": list(keys)}},
        )
        function.add_to_role_policy(statement)

    def grant_index(self, function: ServiceFunction, name: str) -> None:
        """Let a function look up jobs by an index."""
        index = f"{self.table.table_arn}/index/{name}"
        function.add_to_role_policy(iam.PolicyStatement(actions=["dynamodb:Query"], resources=[index]))

    def grant_read_files(self, function: ServiceFunction) -> None:
        """Let a function HEAD the bucket, read files, see that one is missing (403 without ListBucket).

        On another S3 server (S3_ENDPOINT_URL) its keys decide, so no AWS permission is given.
        """
        if self._config.s3_endpoint_url:
            return
        files = self.bucket.arn_for_objects(f"{self._config.key_prefix}*")
        function.add_to_role_policy(iam.PolicyStatement(actions=["s3:GetObject"], resources=[files]))
        # No condition on the prefix: HeadBucket names none, and would be refused.
        listing = iam.PolicyStatement(actions=["s3:ListBucket"], resources=[self.bucket.bucket_arn])
        function.add_to_role_policy(listing)
        reason = (
            "Callers ask for any file below the key prefix; its ids are not known when the stack is deployed."
        )
        acknowledge_wildcard(function.execution_role, files, reason)

    def grant_restore_files(self, function: ServiceFunction) -> None:
        """Let a function have archived files restored, where the stage does that, and by AWS permission."""
        if self._config.s3_endpoint_url or not self._config.restores:
            return
        files = self.bucket.arn_for_objects(f"{self._config.key_prefix}*")
        function.add_to_role_policy(iam.PolicyStatement(actions=["s3:RestoreObject"], resources=[files]))


def _create_table(scope: Construct, config: Config) -> dynamodb.Table:
    table = dynamodb.Table(
        scope,
        "table",
        partition_key=dynamodb.Attribute(name="PK", type=dynamodb.AttributeType.STRING),
        sort_key=dynamodb.Attribute(name="SK", type=dynamodb.AttributeType.STRING),
        billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
        time_to_live_attribute="expires_at",
        stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES,
        encryption=dynamodb.TableEncryption.DEFAULT,
        deletion_protection=config.retain_data,
        removal_policy=removal_policy(config),
        point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
            point_in_time_recovery_enabled=True
        ),
    )
    table.add_global_secondary_index(
        index_name=OPEN_JOBS,
        partition_key=dynamodb.Attribute(name="open_shard", type=dynamodb.AttributeType.STRING),
        sort_key=dynamodb.Attribute(name="check_at", type=dynamodb.AttributeType.NUMBER),
        projection_type=dynamodb.ProjectionType.KEYS_ONLY,
    )
    table.add_global_secondary_index(
        index_name=OWNER_JOBS,
        partition_key=dynamodb.Attribute(name="owner", type=dynamodb.AttributeType.STRING),
        sort_key=dynamodb.Attribute(name="created_at", type=dynamodb.AttributeType.NUMBER),
        projection_type=dynamodb.ProjectionType.KEYS_ONLY,
    )
    return table


def _existing_bucket(scope: Construct, config: Config) -> s3.IBucket | None:
    if not config.bucket_name:
        return None
    return s3.Bucket.from_bucket_name(scope, "bucket", config.bucket_name)


def _create_bucket(scope: Construct, config: Config) -> s3.Bucket:
    return private_bucket(
        scope,
        "bucket",
        config,
        s3.LifecycleRule(abort_incomplete_multipart_upload_after=Duration.days(7)),
    )


def private_bucket(scope: Construct, name: str, config: Config, forget: s3.LifecycleRule) -> s3.Bucket:
    """A bucket that is read by presigned URLs alone; `forget` says what goes by itself."""
    bucket = s3.Bucket(
        scope,
        name,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        encryption=s3.BucketEncryption.S3_MANAGED,
        enforce_ssl=True,
        cors=_browser_access(config),
        lifecycle_rules=[forget],
        removal_policy=removal_policy(config),
    )
    reason = (
        "Files are read by presigned URLs of one object and a limited life; a bucket of access logs costs "
        "storage and keeps the addresses of all readers. Turn it on where an audit asks."
    )
    acknowledge(bucket, "AwsSolutions-S1", reason)
    return bucket


def _browser_access(config: Config) -> list[s3.CorsRule] | None:
    if not config.cors_origins:
        return None
    rule = s3.CorsRule(
        allowed_methods=[s3.HttpMethods.GET, s3.HttpMethods.HEAD],
        allowed_origins=list(config.cors_origins),
        allowed_headers=["range", "if-range", "if-match", "if-none-match"],
        exposed_headers=["ETag", "Content-Length", "Content-Range", "Content-Disposition", "Accept-Ranges"],
        max_age=3_600,
    )
    return [rule]
