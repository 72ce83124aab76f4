"""A CloudFront distribution, with what all of this app's have in common."""

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from constructs import Construct

from infra_cdk.config import Config
from infra_cdk.nag import acknowledge

NO_WEB_ACL = (
    "The calls meet the API's throttle and each user's limits, and a page is a handful of static files. An "
    "adopter with a web ACL names it in EDGE_WEB_ACL_ARN."
)
NO_VIEWER_LOGS = (
    "Who opens a page is nobody's business to keep: logs would hold the addresses of all visitors, and "
    "tickets, in a bucket that costs storage. What is asked of the API is in its access logs."
)
OWN_CERTIFICATE_LATER = (
    "With the certificate of *.cloudfront.net, CloudFront itself chooses the oldest TLS that it speaks; a "
    "minimum takes a domain and a certificate of the adopter's own. HSTS and the redirect keep browsers on "
    "https."
)
EVERY_COUNTRY = (
    "The service is for whoever can sign in, wherever they are; an adopter who must restrict countries does."
)
IN_THE_CLEAR = "The origin is an emulator on the same machine, which speaks no TLS; on AWS it is https alone."


@dataclass(frozen=True)
class Behaviors:
    """What answers by default, by path pattern before that, and which object at `/`."""

    default: cloudfront.BehaviorOptions
    others: Mapping[str, cloudfront.BehaviorOptions]
    root_object: str | None = None


def distribution(
    scope: Construct, config: Config, what: str, behaviors: Behaviors
) -> cloudfront.Distribution:
    """With the domain, certificate and web ACL of the settings, if there are any."""
    domain, certificate = config.edge_domain, config.edge_certificate_arn
    made = cloudfront.Distribution(
        scope,
        "distribution",
        comment=f"downloads-{config.stage}: {what}",
        default_root_object=behaviors.root_object,
        default_behavior=behaviors.default,
        additional_behaviors=dict(behaviors.others),
        price_class=cloudfront.PriceClass.PRICE_CLASS_100,
        http_version=cloudfront.HttpVersion.HTTP2_AND_3,
        domain_names=[domain] if domain else None,
        certificate=acm.Certificate.from_certificate_arn(scope, "certificate", certificate)
        if certificate
        else None,
        web_acl_id=config.edge_web_acl_arn,
    )
    acknowledge(made, "AwsSolutions-CFR1", EVERY_COUNTRY)
    acknowledge(made, "AwsSolutions-CFR3", NO_VIEWER_LOGS)
    if not config.edge_web_acl_arn:
        acknowledge(made, "AwsSolutions-CFR2", NO_WEB_ACL)
    if not certificate:
        acknowledge(made, "AwsSolutions-CFR4", OWN_CERTIFICATE_LATER)
    if not config.addresses.edge:
        acknowledge(made, "AwsSolutions-CFR5", IN_THE_CLEAR)
    return made
