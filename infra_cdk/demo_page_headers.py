"""What CloudFront says with the demo page: whom it may call, and that nobody may frame it."""

from collections.abc import Sequence

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudfront as cloudfront
from constructs import Construct


def content_security_policy(calls: Sequence[str], frames: Sequence[str]) -> str:
    """Own scripts and styles, none inline; calls to these sources, and files through frames of those."""
    directives = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "manifest-src": "'self'",
        "connect-src": " ".join(["'self'", *calls]),
        # A file comes through a hidden frame, which it leaves empty: it is an attachment.
        "frame-src": " ".join(frames),
        "base-uri": "'none'",
        # Forms are sent by scripts: one that is sent by the browser would carry a password elsewhere.
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {sources}" for name, sources in directives.items())


def headers(
    scope: Construct, calls: Sequence[str], frames: Sequence[str]
) -> cloudfront.ResponseHeadersPolicy:
    """For every answer, errors too; how long one may be kept is told by the object that it comes from."""
    stack = Stack.of(scope)
    alone = cloudfront.ResponseCustomHeader(
        header="Cross-Origin-Opener-Policy", value="same-origin", override=True
    )
    return cloudfront.ResponseHeadersPolicy(
        scope,
        "headers",
        # CloudFront's names are an account's: the same stack may stand in another region.
        response_headers_policy_name=f"{stack.stack_name}-{stack.region}-page",
        security_headers_behavior=_security(content_security_policy(calls, frames)),
        custom_headers_behavior=cloudfront.ResponseCustomHeadersBehavior(custom_headers=[alone]),
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
        # This name alone: below a domain like example.com there are others' pages, and a year is long.
        strict_transport_security=cloudfront.ResponseHeadersStrictTransportSecurity(
            access_control_max_age=Duration.days(365), include_subdomains=False, override=True
        ),
    )
