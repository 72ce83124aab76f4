"""The demo page: a private bucket behind CloudFront, with headers that let it call this stack alone."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra_cdk.config import Config
from infra_cdk.demo_page_files import HASHED
from infra_cdk.demo_page_headers import headers
from infra_cdk.demo_page_upload import upload
from infra_cdk.distribution import Behaviors, distribution
from infra_cdk.nag import acknowledge

NO_PAGE_LOGS = (
    "Who opens a demo page is nobody's business to keep: logs would hold the addresses of all visitors, in a "
    "bucket that costs storage. What they then ask of the API is in its access logs."
)


class DemoPage(Construct):
    """The page of `template-samples/react` in a bucket of its own; it goes with the stack, in any stage.

    `calls` and `frames` are the sources that it may call and frame.
    """

    ROOT = "index.html"

    def __init__(self, scope: Construct, name: str, calls: Sequence[str], frames: Sequence[str]) -> None:
        super().__init__(scope, name)
        self.bucket = _bucket(self)
        self._origin = _origin(self, self.bucket)
        self._headers = headers(self, calls, frames)

    @property
    def fresh(self) -> cloudfront.BehaviorOptions:
        """index.html and config.json come from the bucket each time."""
        return _behavior(self._origin, cloudfront.CachePolicy.CACHING_DISABLED, self._headers)

    @property
    def hashed(self) -> dict[str, cloudfront.BehaviorOptions]:
        """The rest is named by its content."""
        cached = cloudfront.CachePolicy.CACHING_OPTIMIZED
        return {f"{HASHED}/*": _behavior(self._origin, cached, self._headers)}

    def serve(self, config: Config) -> str:
        """An address of its own; without a trailing slash, it is what CORS_ORIGINS takes."""
        made = distribution(self, config, "the demo page", Behaviors(self.fresh, self.hashed, self.ROOT))
        return f"https://{made.distribution_domain_name}"

    def fill(self, config: Config, build: Path, settings: Mapping[str, object]) -> None:
        """Put the build there when the stack is deployed, and its settings."""
        upload(self, config, self.bucket, build, settings)


def _origin(scope: Construct, bucket: s3.Bucket) -> cloudfront.IOrigin:
    """The bucket, which lets this distribution alone read it."""
    stack = Stack.of(scope)
    control = cloudfront.S3OriginAccessControl(
        scope, "access", origin_access_control_name=f"{stack.stack_name}-{stack.region}-page"
    )
    return origins.S3BucketOrigin.with_origin_access_control(bucket, origin_access_control=control)


def _behavior(
    origin: cloudfront.IOrigin, cache: cloudfront.ICachePolicy, headers: cloudfront.ResponseHeadersPolicy
) -> cloudfront.BehaviorOptions:
    return cloudfront.BehaviorOptions(
        origin=origin,
        viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        allowed_methods=cloudfront.AllowedMethods.ALLOW_GET_HEAD,
        cache_policy=cache,
        response_headers_policy=headers,
        compress=True,
    )


def _bucket(scope: Construct) -> s3.Bucket:
    """Empty but for a build that can be made again: nothing here is worth keeping."""
    bucket = s3.Bucket(
        scope,
        "bucket",
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        encryption=s3.BucketEncryption.S3_MANAGED,
        enforce_ssl=True,
        removal_policy=RemovalPolicy.DESTROY,
    )
    acknowledge(bucket, "AwsSolutions-S1", NO_PAGE_LOGS)
    return bucket
