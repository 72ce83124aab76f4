"""The receiver of template-samples/ takes what the reference library signs, and nothing else."""

import importlib.util
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest
from standardwebhooks.webhooks import Webhook

SAMPLE = Path(__file__).parents[2] / "template-samples" / "webhook-receiver" / "receiver.py"
NEW, OLD = "whsec_bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3", "whsec_b2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xk"
NOW, BODY = 1_795_435_201, b'{"type":"download.completed"}'


@pytest.fixture(scope="module")
def receiver() -> ModuleType:
    spec = importlib.util.spec_from_file_location("receiver", SAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def signed(*secrets: str, at: int = NOW) -> dict[str, str]:
    moment = datetime.fromtimestamp(at, UTC)
    signatures = [Webhook(secret).sign("msg_1", moment, BODY.decode()) for secret in secrets]
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(["v1a,asymmetric", *signatures]),
    }


@pytest.mark.parametrize(
    ("signing", "holding"),
    [([OLD], [OLD]), ([NEW, OLD], [OLD]), ([NEW, OLD], [NEW]), ([NEW], [OLD, NEW]), ([OLD], [OLD[6:]])],
)
def test_any_live_key_will_do(receiver: ModuleType, signing: list[str], holding: list[str]) -> None:
    assert receiver.verify(signed(*signing), BODY, holding, NOW) == "msg_1"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        signed(NEW),
        signed(OLD) | {"webhook-id": "msg_2"},
        signed(OLD) | {"webhook-timestamp": str(NOW + 1)},
        signed(OLD) | {"webhook-timestamp": "soon"},
        signed(OLD) | {"webhook-signature": ""},
        signed(OLD) | {"webhook-signature": "v1,ä"},
        signed(OLD, at=NOW - 301),
        signed(OLD, at=NOW + 301),
    ],
)
def test_whatever_else_is_refused(receiver: ModuleType, headers: dict[str, str]) -> None:
    with pytest.raises(receiver.NotVerifiedError):
        receiver.verify(headers, BODY, [OLD], NOW)


def test_another_body_is_refused(receiver: ModuleType) -> None:
    with pytest.raises(receiver.NotVerifiedError):
        receiver.verify(signed(OLD), BODY + b" ", [OLD], NOW)
