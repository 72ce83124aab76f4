"""The demo page: a private bucket behind CloudFront, with headers that let it call this stack alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra_cdk.config import Config
from infra_cdk.demo_page_headers import headers
from infra_cdk.demo_page_upload import upload
from infra_cdk.nag import acknowledge

NO_WEB_ACL = (
    "The page is a handful of static files and answers no request of its own; the calls that it makes meet "
    "the API's throttle and each user's limits. An adopter with a web ACL for all pages attaches it here."
)
NO_PAGE_LOGS = (
    "Who opens a demo page is nobody's business to keep: logs would hold the addresses of all visitors, in a "
    "bucket that costs storage. What they then ask of the API is in its access logs."
)
OWN_CERTIFICATE_LATER = (
    "With the certificate of *.cloudfront.net, CloudFront itself chooses the oldest TLS that it speaks; a "
    "minimum takes a domain and a certificate of the adopter's own. HSTS and the redirect keep browsers on "
    "https."
)
EVERY_COUNTRY = (
    "The page is for whoever can sign in, wherever they are; an adopter who must restrict countries does."
)


@dataclass(frozen=True)
class Page:
    """The page's build (None: somebody else uploads it), its settings, whom it may call and frame."""

    build: Path | None
    settings: Mapping[str, object]
    calls: Sequence[str]
    frames: Sequence[str]


class DemoPage(Construct):
    """The page of `template-samples/react` at an address of its own; it goes with the stack, in any stage."""

    def __init__(self, scope: Construct, name: str, config: Config, page: Page) -> None:
        super().__init__(scope, name)
        self.bucket = _bucket(self)
        self.distribution = self._distribution(config, headers(self, page.calls, page.frames))
        if page.build:
            upload(self, config, self.bucket, page.build, page.settings)

    @property
    def url(self) -> str:
        """Where a browser opens it; without a trailing slash, it is what CORS_ORIGINS takes."""
        return f"https://{self.distribution.distribution_domain_name}"

    def _distribution(
        self, config: Config, said: cloudfront.ResponseHeadersPolicy
    ) -> cloudfront.Distribution:
        origin = _origin(self, self.bucket)
        # index.html and config.json come from the bucket each time; the rest is named by its content.
        distribution = cloudfront.Distribution(
            self,
            "distribution",
            comment=f"downloads-{config.stage}: the demo page",
            default_root_object="index.html",
            default_behavior=_behavior(origin, cloudfront.CachePolicy.CACHING_DISABLED, said),
            additional_behaviors={
                "assets/*": _behavior(origin, cloudfront.CachePolicy.CACHING_OPTIMIZED, said)
            },
            price_class=cloudfront.PriceClass.PRICE_CLASS_100,
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
        )
        acknowledge(distribution, "AwsSolutions-CFR1", EVERY_COUNTRY)
        acknowledge(distribution, "AwsSolutions-CFR2", NO_WEB_ACL)
        acknowledge(distribution, "AwsSolutions-CFR3", NO_PAGE_LOGS)
        acknowledge(distribution, "AwsSolutions-CFR4", OWN_CERTIFICATE_LATER)
        return distribution


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
