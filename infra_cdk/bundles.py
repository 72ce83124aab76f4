"""Bundles: the bucket of archives, the queue of jobs to be bundled, and bundle_files."""

from math import ceil

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra_cdk import environment, mappings
from infra_cdk.config import Config
from infra_cdk.function import ServiceFunction, Shared
from infra_cdk.nag import acknowledge_wildcard
from infra_cdk.queues import dead_letter_queue, service_queue
from infra_cdk.storage import RECORD, Storage, private_bucket

VISIBILITY_FACTOR = 6
"""As Lambda's guide asks; a run that crashed is found sooner than that by the sweeper."""

PREFIX = "bundles/"
"""Of all archives; in a bucket of somebody else's, bundle_files touches nothing beside it."""

DAY_SECONDS = 86_400
ANY_JOB = "Archives lie below their job's id, which is not known when the stack is deployed."
WRITE = ("s3:GetObject", "s3:PutObject", "s3:DeleteObject")
UPLOAD = ("s3:AbortMultipartUpload", "s3:ListMultipartUploadParts")


class Bundles(Construct):
    """The way of a bundle; `unbundled` rings when a message could not be handled at all."""

    def __init__(self, scope: Construct, name: str, shared: Shared, storage: Storage) -> None:
        super().__init__(scope, name)
        self._config = shared.config
        self.bucket = _bucket(self, shared.config)
        self.unbundled = dead_letter_queue(self, "unbundled", shared.config, runbook="a-bundle-fails")
        self.queue = service_queue(
            self,
            "bundles",
            visibility=Duration.seconds(VISIBILITY_FACTOR * shared.config.bundle_timeout_seconds),
            dead_letters=sqs.DeadLetterQueue(
                queue=self.unbundled, max_receive_count=shared.config.max_attempts
            ),
        )
        self.bundle_files = self._worker(shared, storage)
        self.take_from(self.bundle_files)

    @property
    def variables(self) -> environment.Variables:
        """Where archives are read from, where there is such a place."""
        return {"BUNDLE_BUCKET_NAME": self.bucket.bucket_name} if self.bucket else {}

    def take_from(self, function: ServiceFunction) -> None:
        """Let a function queue jobs to be bundled, and tell it where."""
        function.add_environment("BUNDLE_QUEUE_URL", self.queue.queue_url)
        self.queue.grant(function, "sqs:SendMessage")

    def grant_read(self, function: ServiceFunction) -> None:
        """Let a function sign links to archives, and tell it where they are."""
        for name, value in self.variables.items():
            function.add_environment(name, value)
        self._grant(function, "s3:GetObject")

    def _worker(self, shared: Shared, storage: Storage) -> ServiceFunction:
        config = shared.config
        variables = {
            "TABLE_NAME": storage.table.table_name,
            "MAX_ATTEMPTS": str(config.max_attempts),
            "BUNDLE_MAX_BYTES": str(config.bundle_max_bytes),
            "BUNDLE_PART_MB": str(config.bundle_part_mb),
            **self.variables,
            **environment.objects(config, storage.bucket.bucket_name),
        }
        timeout = config.bundle_timeout_seconds
        worker = ServiceFunction(self, "bundle_files", shared, timeout_seconds=timeout, variables=variables)
        storage.grant_partitions(worker, ["JOB#*"], *RECORD)
        storage.grant_read_files(worker)
        self._grant(worker, *WRITE, *UPLOAD)
        self._grant_listing(worker)
        source = sources.SqsEventSource(
            self.queue,
            batch_size=mappings.BUNDLE_BATCH,
            max_concurrency=config.bundle_concurrency,
            report_batch_item_failures=True,
        )
        worker.add_event_source(source)
        return worker

    def _grant(self, function: ServiceFunction, *verbs: str) -> None:
        """On another S3 server its keys decide, so no AWS permission is given."""
        if self.bucket is None or self._config.s3_endpoint_url:
            return
        archives = self.bucket.arn_for_objects(f"{PREFIX}*")
        function.add_to_role_policy(iam.PolicyStatement(actions=list(verbs), resources=[archives]))
        acknowledge_wildcard(function.execution_role, archives, ANY_JOB)

    def _grant_listing(self, function: ServiceFunction) -> None:
        if self.bucket is None or self._config.s3_endpoint_url:
            return
        below = iam.PolicyStatement(
            actions=["s3:ListBucket", "s3:ListBucketMultipartUploads"],
            resources=[self.bucket.bucket_arn],
            conditions={"StringLike": {"s3:prefix": f"{PREFIX}*"}},
        )
        function.add_to_role_policy(below)


def _bucket(scope: Construct, config: Config) -> s3.IBucket | None:
    """BUNDLE_BUCKET_NAME, or one of the stack's own; none where files are on another S3 server."""
    if config.bundle_bucket_name:
        return s3.Bucket.from_bucket_name(scope, "archives", config.bundle_bucket_name)
    return None if config.s3_endpoint_url else _create_bucket(scope, config)


def _create_bucket(scope: Construct, config: Config) -> s3.Bucket:
    """Of what lives as long as its job, which may have waited for restores: S3 expires by whole days."""
    expiry = s3.LifecycleRule(
        prefix=PREFIX,
        expiration=Duration.days(1 + ceil(config.longest_life_seconds / DAY_SECONDS)),
        abort_incomplete_multipart_upload_after=Duration.days(1),
    )
    return private_bucket(scope, "archives", config, expiry)
