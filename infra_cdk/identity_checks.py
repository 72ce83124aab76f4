"""What a setting may be that decides who comes in: refused here, by its name, before anything is deployed."""

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from infra_cdk.config import Config

AUTH_MODES = ("jwt", "none")

URL = re.compile(r"https?://[^/\s?#]+(/[^\s?#]*)?")
"""OpenID Connect Discovery: an issuer has neither query nor fragment."""

CLAIM = re.compile(r"[\x21-\x7e]{1,128}")

OF_AN_ISSUER = ("oidc_audiences", "oidc_jwks_url", "oidc_client_id")


def mode(config: "Config") -> None:
    """Everybody is let in on a developer's machine only, and only where nobody says who signs in."""
    if config.auth_mode not in AUTH_MODES:
        raise ValueError(f"AUTH_MODE is {config.auth_mode!r}: one of {', '.join(AUTH_MODES)}")
    if config.auth_mode == "none" and config.stage == "prod":
        raise ValueError("AUTH_MODE is 'none', which lets everybody in: STAGE prod takes jwt only")
    if config.auth_mode == "none" and config.oidc_issuer:
        raise ValueError("OIDC_ISSUER says who signs callers in: AUTH_MODE none would let them in without")


def issuer(config: "Config") -> None:
    """An issuer is told completely, or not at all: then a user pool is made."""
    if not config.oidc_issuer:
        for name in OF_AN_ISSUER:
            if getattr(config, name):
                raise ValueError(f"{name.upper()} belongs to an issuer: OIDC_ISSUER must say which")
        return
    if not config.oidc_audiences:
        raise ValueError(
            "OIDC_ISSUER needs OIDC_AUDIENCES: without one, a token made for any other service opens this one"
        )
    for name in ("oidc_issuer", "oidc_jwks_url"):
        url = getattr(config, name)
        if url and not URL.fullmatch(url):
            raise ValueError(
                f"{name.upper()} is {url!r}: it takes https://host/path without query or fragment"
            )


def over_tls(config: "Config") -> None:
    """Keys that come in the clear can be anybody's; API Gateway reads them by https only."""
    for name in ("oidc_issuer", "oidc_jwks_url"):
        url = getattr(config, name)
        if url and not url.startswith("https://"):
            raise ValueError(f"{name.upper()} is {url!r}: https:// only, http:// is for a laptop")


def claim(config: "Config") -> None:
    """A claim is named as it stands in the token."""
    if config.files_claim and config.auth_mode == "none":
        raise ValueError("FILES_CLAIM needs AUTH_MODE jwt: without a token there is no claim, and so no file")
    if config.files_claim and not CLAIM.fullmatch(config.files_claim):
        raise ValueError(f"FILES_CLAIM is {config.files_claim!r}: a claim's name, without spaces")


def origins(config: "Config") -> None:
    """Production names the pages that may call it."""
    if config.stage == "prod" and "*" in config.cors_origins:
        raise ValueError("CORS_ORIGINS has '*', every page on the web: STAGE prod takes a list of origins")
    clear = [origin for origin in config.cors_origins if origin.startswith("http://")]
    if config.stage == "prod" and clear:
        raise ValueError(f"CORS_ORIGINS has {clear[0]!r}: STAGE prod takes pages that come by https only")


def demo_sign_in(config: "Config") -> None:
    """Each is an origin by https: scheme and host, nothing behind them."""
    for origin in config.demo_sign_in:
        scheme, host, *rest = urlsplit(origin)
        if scheme != "https" or not host or any(rest):
            raise ValueError(f"DEMO_SIGN_IN has {origin!r}: it takes origins such as https://oauth2.example")
