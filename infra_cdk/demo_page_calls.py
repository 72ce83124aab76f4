"""Whom the demo page may call and frame: `connect-src` and `frame-src` of its content security policy."""

from urllib.parse import urlsplit

from aws_cdk import Aws, Stack
from aws_cdk import aws_s3 as s3

from infra_cdk.config import Config
from infra_cdk.http_api import HttpApi
from infra_cdk.websocket_api import WebSocketApi


def calls(config: Config, http: HttpApi, websocket: WebSocketApi, files: s3.IBucket) -> list[str]:
    """The API, its WebSocket, where people sign in, and where the bytes come from; nothing else of AWS.

    With one address for all, both APIs are `'self'`. Older browsers take that for https alone, so a domain
    that is known is named for WebSockets.
    """
    region = Stack.of(files).region
    apis = [f"wss://{config.edge_domain}"] if config.edge_domain else []
    return [
        *(apis if config.edge and config.addresses.edge else [f"{http.url}/", websocket.url]),
        *_sign_in(config, region),
        *_files(config, region, files.bucket_name),
    ]


def frames(config: Config, files: s3.IBucket, archives: s3.IBucket | None) -> list[str]:
    """Where links to files and to archives lead."""
    buckets = [files, archives] if archives else [files]
    region = Stack.of(files).region
    return [source for bucket in buckets for source in _files(config, region, bucket.bucket_name)]


def _sign_in(config: Config, region: str) -> list[str]:
    if config.auth_mode == "none":
        return []
    if config.oidc_issuer:
        # An issuer's discovery document may name other hosts, for its tokens say.
        return [_origin(config.oidc_issuer), *config.demo_sign_in]
    return [config.addresses.fill(config.addresses.cognito, region=region, suffix=Aws.URL_SUFFIX)]


def _files(config: Config, region: str, bucket: str) -> list[str]:
    seen = config.s3_public_endpoint_url or config.s3_endpoint_url
    if not seen:
        fill = config.addresses.fill
        return [
            fill(pattern, bucket=bucket, region=config.s3_region or region, suffix=Aws.URL_SUFFIX)
            for pattern in config.addresses.files
        ]
    if config.s3_path_style:
        return [_origin(seen)]
    scheme, host = urlsplit(seen)[:2]
    return [f"{scheme}://{bucket}.{host}"]


def _origin(url: str) -> str:
    scheme, host = urlsplit(url)[:2]
    return f"{scheme}://{host}"
