"""What CloudFront says with the demo page: whom it may call, that nobody may frame it, how long it keeps."""

from collections.abc import Sequence

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudfront as cloudfront
from constructs import Construct

ALWAYS_ASK = "no-cache"
FOR_A_YEAR = "public, max-age=31536000, immutable"


def content_security_policy(calls: Sequence[str]) -> str:
    """Own scripts and styles, none inline, and calls to these sources; links to files are no calls."""
    directives = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "manifest-src": "'self'",
        "connect-src": " ".join(["'self'", *calls]),
        "base-uri": "'none'",
        # Forms are sent by scripts: one that is sent by the browser would carry a password elsewhere.
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {sources}" for name, sources in directives.items())


def fresh(scope: Construct, calls: Sequence[str]) -> cloudfront.ResponseHeadersPolicy:
    """For index.html and config.json: browsers keep them, but ask whether they are still the same."""
    return _policy(scope, "fresh", calls, ALWAYS_ASK)


def hashed(scope: Construct, calls: Sequence[str]) -> cloudfront.ResponseHeadersPolicy:
    """For files whose names follow from their content."""
    return _policy(scope, "hashed", calls, FOR_A_YEAR)


def _policy(
    scope: Construct, name: str, calls: Sequence[str], caching: str
) -> cloudfront.ResponseHeadersPolicy:
    stack = Stack.of(scope)
    keep = cloudfront.ResponseCustomHeader(header="Cache-Control", value=caching, override=True)
    alone = cloudfront.ResponseCustomHeader(
        header="Cross-Origin-Opener-Policy", value="same-origin", override=True
    )
    return cloudfront.ResponseHeadersPolicy(
        scope,
        name,
        # CloudFront's names are an account's: the same stack may stand in another region.
        response_headers_policy_name=f"{stack.stack_name}-{stack.region}-page-{name}",
        security_headers_behavior=_security(content_security_policy(calls)),
        custom_headers_behavior=cloudfront.ResponseCustomHeadersBehavior(custom_headers=[keep, alone]),
    )


def _security(policy: str) -> cloudfront.ResponseSecurityHeadersBehavior:
    return cloudfront.ResponseSecurityHeadersBehavior(
        content_security_policy=cloudfront.ResponseHeadersContentSecurityPolicy(
            content_security_policy=policy, override=True
        ),
        content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True),
        frame_options=cloudfront.ResponseHeadersFrameOptions(
            frame_option=cloudfront.HeadersFrameOption.DENY, override=True
        ),
        referrer_policy=cloudfront.ResponseHeadersReferrerPolicy(
            referrer_policy=cloudfront.HeadersReferrerPolicy.NO_REFERRER, override=True
        ),
        strict_transport_security=cloudfront.ResponseHeadersStrictTransportSecurity(
            access_control_max_age=Duration.days(365), include_subdomains=True, override=True
        ),
    )
