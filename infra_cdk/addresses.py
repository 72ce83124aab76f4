"""Where the deployed APIs and their user pool answer: AWS's names, or those of an emulator."""

from dataclasses import dataclass
from urllib.parse import urlsplit

WEBSOCKET_STAGE = "live"

API_ID_TAG = "ms-custom-id"
"""The tag by which MiniStack lets a stack choose the ids of its APIs."""


@dataclass(frozen=True)
class Addresses:
    """URL patterns; `{api_id}`, `{pool_id}`, `{bucket}`, `{region}` and `{suffix}` are filled in.

    `cognito` is where clients sign in, `issuer` what its tokens say of themselves, `jwks` where the keys are;
    `files` are the beginnings that presigned URLs may have.

    `api_id_tag` is the tag by which an emulator lets a stack choose its API ids; AWS has none. `edge` says
    whether the names that CloudFront makes up lead anywhere.
    """

    http: str
    websocket: str
    management: str
    cognito: str
    issuer: str
    jwks: str
    files: tuple[str, ...]
    api_id_tag: str | None = None
    edge: bool = False

    def fill(self, pattern: str, **values: str) -> str:
        """One of the patterns with the values of what was deployed."""
        return pattern.format(**values)


@dataclass(frozen=True)
class Server:
    """A server and the folder below which it answers, without a slash at its end."""

    host: str
    path: str
    tls: bool
    port: int | None


def server(pattern: str, **values: str) -> Server:
    """Of a URL pattern, which is taken apart before it is filled in: AWS's values are known only later."""
    parts = urlsplit(pattern)
    host, _, port = parts.netloc.partition(":")
    tls = parts.scheme in {"https", "wss"}
    return Server(host.format(**values), parts.path.format(**values), tls, int(port) if port else None)


_AWS_HOST = "{api_id}.execute-api.{region}.{suffix}"
_COGNITO = "https://cognito-idp.{region}.{suffix}"
_ISSUER = f"{_COGNITO}/{{pool_id}}"
_JWKS = ".well-known/jwks.json"

AWS = Addresses(
    http=f"https://{_AWS_HOST}",
    websocket=f"wss://{_AWS_HOST}/{WEBSOCKET_STAGE}",
    management=f"https://{_AWS_HOST}/{WEBSOCKET_STAGE}",
    cognito=f"{_COGNITO}/",
    issuer=_ISSUER,
    jwks=f"{_ISSUER}/{_JWKS}",
    # The second is how boto3 signs in us-east-1.
    files=("https://{bucket}.s3.{region}.{suffix}/", "https://{bucket}.s3.{suffix}/"),
    edge=True,
)


def path_form(endpoint: str) -> Addresses:
    """Addresses below one emulator endpoint such as `http://127.0.0.1:4566`.

    Names under `*.localhost` do not resolve on every machine; a path does.
    """
    endpoint = endpoint.rstrip("/")
    base = f"{endpoint}/_aws/execute-api/{{api_id}}"
    return Addresses(
        # The $default stage needs no name in the path, and a dollar sign in a URL is a trap in shells.
        http=base,
        websocket=f"{base}/{WEBSOCKET_STAGE}".replace("http", "ws", 1),
        management=f"{base}/{WEBSOCKET_STAGE}",
        cognito=f"{endpoint}/",
        # Its tokens carry AWS's name for the pool; the keys come from where they really are.
        issuer=_ISSUER,
        jwks=f"{endpoint}/{{pool_id}}/{_JWKS}",
        files=(f"{endpoint}/{{bucket}}/",),
        api_id_tag=API_ID_TAG,
    )


def localstack(endpoint: str) -> Addresses:
    """Addresses of a LocalStack such as `http://localhost.localstack.cloud:4566`: APIs are names below it."""
    scheme, _, host = endpoint.rstrip("/").partition("://")
    base = f"{scheme}://{host}"
    api = f"{{api_id}}.execute-api.{host}"
    return Addresses(
        http=f"{scheme}://{api}",
        websocket=f"{scheme.replace('http', 'ws')}://{api}/{WEBSOCKET_STAGE}",
        management=f"{scheme}://{api}/{WEBSOCKET_STAGE}",
        cognito=f"{base}/",
        issuer=f"{base}/{{pool_id}}",
        jwks=f"{base}/{{pool_id}}/{_JWKS}",
        files=(f"{base}/{{bucket}}/",),
        api_id_tag="_custom_id_",
    )
