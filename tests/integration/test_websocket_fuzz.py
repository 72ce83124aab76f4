"""Whatever a client sends: API Gateway gets its 200, the client an error frame in the documented shape."""

import base64
import json
from types import SimpleNamespace
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from msgspec.json import decode

import websocket
from downloads.contracts.frames import ErrorFrame
from tests import poison
from tests.integration.conftest import CONNECTION, JOB_ID, context, sample
from tests.sockets import SocketApi

ANYTHING = settings(
    max_examples=150,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
FRAME_LIMIT = 32_768
ACTION = st.sampled_from(["subscribe", "unsubscribe", "ping"])
# The wrong type, an unknown word, one field too many, or half a surrogate pair.
WRONG = st.one_of(
    st.fixed_dictionaries({"action": poison.JSON}),
    st.fixed_dictionaries({"action": ACTION, "jobId": poison.JSON.filter(lambda value: value != JOB_ID)}),
    st.fixed_dictionaries({"action": ACTION, "more": poison.JSON}),
).map(json.dumps)
HALVES = st.text(st.characters(categories=["Cs", "Lu"]), min_size=1)
LONG = st.integers(1_000, 32_000).map(
    lambda size: json.dumps({"action": "é" * (size // 2)}, ensure_ascii=False)
)
BODIES = poison.no_message() | WRONG | HALVES | LONG | st.just("")


def message(body: str | None, **more: object) -> dict[str, Any]:
    return sample("websocket") | {"body": body} | more


def heard(event: dict[str, Any], api: SocketApi) -> list[str]:
    api.frames.clear()
    assert websocket.handler(event, context()) == {"statusCode": 200}
    return api.frames.get(CONNECTION, [])


def assert_refused(frames: list[str]) -> None:
    (frame,) = frames
    assert decode(frame, type=ErrorFrame).error.code == "INVALID_FRAME"
    assert len(frame.encode()) < FRAME_LIMIT


@ANYTHING
@given(body=BODIES)
@example(body=json.dumps({"action": "ping", "x" * 32_700: 1}))
@example(body="[" * 32_000)
def test_a_text_that_is_no_action_is_refused(aws: SimpleNamespace, socket_api: SocketApi, body: str) -> None:
    assert_refused(heard(message(body), socket_api))


@ANYTHING
@given(content=st.binary(max_size=1_000))
def test_a_binary_frame_is_refused(aws: SimpleNamespace, socket_api: SocketApi, content: bytes) -> None:
    body = base64.b64encode(content).decode()
    # A number in base64's letters is JSON, and still no action.
    assert_refused(heard(message(body, isBase64Encoded=True), socket_api))


def test_a_message_without_a_body_is_refused(aws: SimpleNamespace, socket_api: SocketApi) -> None:
    assert_refused(heard(message(None), socket_api))
    bare = sample("websocket")
    del bare["body"]
    assert_refused(heard(bare, socket_api))


@ANYTHING
@given(query=st.none() | st.dictionaries(st.just("jobId") | poison.TEXT, poison.TEXT, max_size=3))
def test_connecting_with_any_query_is_let_in_or_refused(
    aws: SimpleNamespace, socket_api: SocketApi, query: dict[str, str] | None
) -> None:
    event = sample("websocket.connect") | {"queryStringParameters": query}
    expected = 400 if query and "jobId" in query else 200
    assert websocket.handler(event, context()) == {"statusCode": expected}
