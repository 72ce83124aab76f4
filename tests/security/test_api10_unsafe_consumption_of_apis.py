"""API10:2023. What other servers answer, a receiver of webhooks or an issuer of tokens, is not believed."""

import json
import time
from typing import Any

import jwt
import pytest

from downloads.errors import IssuerUnavailableError, NotSignedInError
from downloads.web.jwks import KeySet
from downloads.web.tokens import Verifier
from tests.e2e.conftest import Service, until
from tests.issuer import AUDIENCE, ISSUER, KeyServer, claims, jwk, token
from tests.receivers import Receiver, says, status

# More than is read of an answer, and than a delivery log could hold.
HUGE = b"HTTP/1.1 200 OK\r\ncontent-length: 50000000\r\n\r\n" + b"x" * 1_000_000
LOUD = b"HTTP/1.1 500 " + b"<script>" * 2_000 + b"\r\nx-secret: inside\r\n\r\nwhat the inside says"


@pytest.mark.usefixtures("callbacks_to_this_machine")
def test_what_a_receiver_answers_is_a_status_and_no_more(newcomer: Service) -> None:
    """The same deployed function meets one that sends it on, one that floods it, and one that talks."""
    with Receiver(status(200)) as elsewhere:
        answers = {
            "sends on": (status(307, f"location: {elsewhere.url}"), "REDIRECT"),
            "floods": (says(HUGE), None),
            "talks": (says(LOUD), "STATUS"),
        }
        for name, (script, code) in answers.items():
            with Receiver(script) as receiver:
                job_id = newcomer.initiate([70000], callback_url=receiver.url)
                entry, text = first_delivery(newcomer, job_id)
                assert entry.get("errorCode") == code, name
                assert len(receiver.requests) == 1
                assert not [word for word in ("script", "inside", "xxxx", "location") if word in text]
        assert elsewhere.requests == []


def first_delivery(user: Service, job_id: str) -> tuple[dict[str, Any], str]:
    def log() -> Any:
        return user.http.get(f"/v1/download/{job_id}/deliveries")

    def settled(reply: Any) -> bool:
        found = reply.json()["deliveries"]
        return bool(found) and found[0]["outcome"] != "started"

    reply = until(log, settled)
    return reply.json()["deliveries"][0], reply.text


def verifier(server: KeyServer) -> Verifier:
    return Verifier(KeySet(ISSUER, f"{server.url}/keys").key, ISSUER, [AUDIENCE])


def test_a_key_set_that_is_one_lets_in() -> None:
    with KeyServer(json.dumps({"keys": [jwk("rsa")]}).encode()) as server:
        assert verifier(server).verify(token()).owner.startswith("user:")


@pytest.mark.parametrize(
    ("code", "body", "headers"),
    [
        (200, b"<html>sign in first</html>", {}),
        (200, b'{"keys": []}', {}),
        (200, b"[" * 100_000, {}),
        (200, json.dumps({"keys": [jwk("rsa")]}).encode() + b" " * 1_000_000, {}),
        (500, json.dumps({"keys": [jwk("rsa")]}).encode(), {}),
        (302, b"", {"location": "http://127.0.0.1:9/keys"}),
    ],
    ids=["a page", "no keys", "deep", "huge", "a fault", "a redirect"],
)
def test_an_issuer_that_answers_oddly_lets_nobody_in(code: int, body: bytes, headers: dict[str, str]) -> None:
    with KeyServer(body, code, headers) as server, pytest.raises((IssuerUnavailableError, NotSignedInError)):
        verifier(server).verify(token())
    assert server.asked == ["/keys"]


def test_a_secret_that_an_issuer_publishes_verifies_nothing() -> None:
    """A key set may hold symmetric keys; who can read it could sign with them."""
    secret = {"kty": "oct", "kid": "oct", "alg": "HS256", "k": "A" * 86}
    forged = jwt.encode(claims(), jwt.utils.base64url_decode(b"A" * 86), "HS256", {"kid": "oct"})
    with KeyServer(json.dumps({"keys": [jwk("rsa"), secret]}).encode()) as server:
        with pytest.raises(NotSignedInError):
            verifier(server).verify(forged)
        assert verifier(server).verify(token(exp=int(time.time()) + 60))
