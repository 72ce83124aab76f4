"""Where the deployed APIs answer: AWS's names, or the path form of an emulator."""

from dataclasses import dataclass

WEBSOCKET_STAGE = "live"

API_ID_TAG = "ms-custom-id"
"""The tag by which MiniStack lets a stack choose the ids of its APIs."""


@dataclass(frozen=True)
class Addresses:
    """URL patterns of the APIs; `{api_id}`, `{region}` and `{suffix}` are filled in by the stack.

    `api_id_tag` is the tag by which an emulator lets a stack choose its API ids; AWS has none.
    """

    http: str
    websocket: str
    management: str
    api_id_tag: str | None = None

    def fill(self, pattern: str, *, api_id: str, region: str, suffix: str) -> str:
        """One of the patterns with the values of a deployed API, without a trailing slash."""
        return pattern.format(api_id=api_id, region=region, suffix=suffix)


_AWS_HOST = "{api_id}.execute-api.{region}.{suffix}"
AWS = Addresses(
    http=f"https://{_AWS_HOST}",
    websocket=f"wss://{_AWS_HOST}/{WEBSOCKET_STAGE}",
    management=f"https://{_AWS_HOST}/{WEBSOCKET_STAGE}",
)


def path_form(endpoint: str) -> Addresses:
    """Addresses below one emulator endpoint such as `http://127.0.0.1:4566`.

    Names under `*.localhost` do not resolve on every machine; a path does.
    """
    base = f"{endpoint.rstrip('/')}/_aws/execute-api/{{api_id}}"
    return Addresses(
        # The $default stage needs no name in the path, and a dollar sign in a URL is a trap in shells.
        http=base,
        websocket=f"{base}/{WEBSOCKET_STAGE}".replace("http", "ws", 1),
        management=f"{base}/{WEBSOCKET_STAGE}",
        api_id_tag=API_ID_TAG,
    )


LOCALSTACK = Addresses(
    http="http://{api_id}.execute-api.localhost.localstack.cloud:4566",
    websocket=f"ws://{{api_id}}.execute-api.localhost.localstack.cloud:4566/{WEBSOCKET_STAGE}",
    management=f"http://{{api_id}}.execute-api.localhost.localstack.cloud:4566/{WEBSOCKET_STAGE}",
    api_id_tag="_custom_id_",
)
