"""What the settings of the one address may be: refused here, before anything is deployed."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from infra_cdk.config import Config

DOMAIN = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
CERTIFICATE = re.compile(r"arn:aws[a-z-]*:acm:us-east-1:[0-9]{12}:certificate/[\w-]+")
WEB_ACL = re.compile(r"arn:aws[a-z-]*:wafv2:us-east-1:[0-9]{12}:global/webacl/[\w-]+/[\w-]+")


def settings(config: "Config") -> None:
    """A domain comes with its certificate; CloudFront takes both, and a web ACL, of us-east-1 alone."""
    given = [
        name for name in ("edge_domain", "edge_certificate_arn", "edge_web_acl_arn") if getattr(config, name)
    ]
    if given and not config.edge:
        raise ValueError(f"{given[0].upper()} needs EDGE=true")
    if bool(config.edge_domain) != bool(config.edge_certificate_arn):
        raise ValueError("EDGE_DOMAIN and EDGE_CERTIFICATE_ARN come together: a domain and its certificate")
    if config.edge_domain and not DOMAIN.fullmatch(config.edge_domain):
        raise ValueError(f"EDGE_DOMAIN is {config.edge_domain!r}: a name such as downloads.example.com")
    if config.edge_certificate_arn and not CERTIFICATE.fullmatch(config.edge_certificate_arn):
        raise ValueError("EDGE_CERTIFICATE_ARN is no certificate of ACM in us-east-1, where CloudFront looks")
    if config.edge_web_acl_arn and not WEB_ACL.fullmatch(config.edge_web_acl_arn):
        raise ValueError(
            "EDGE_WEB_ACL_ARN is no web ACL of WAFv2 for CloudFront: arn:…:wafv2:us-east-1:…:global/webacl/…"
        )
