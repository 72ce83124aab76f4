"""The issuer's keys: when it is asked, how often, and what is held on to. Fetches are counted."""

import json
from dataclasses import dataclass, field

import pytest

from downloads.errors import IssuerUnavailableError
from downloads.web.jwks import DISCOVERY, FRESH_S, KEPT_S, PAUSE_S, KeySet
from tests.issuer import ISSUER, jwk, key_set

URL = f"{ISSUER}/keys"


@dataclass
class Issuer:
    """Gives ``documents`` by URL, and nothing while ``away``."""

    documents: dict[str, bytes]
    away: bool = False
    asked: list[str] = field(default_factory=list)
    seconds: float = 1_000.0

    def get(self, url: str) -> bytes:
        self.asked.append(url)
        if self.away:
            raise TimeoutError
        return self.documents[url]

    def keys(self, url: str | None = URL) -> KeySet:
        return KeySet(ISSUER, url, self.get, lambda: self.seconds)


def found(keys: KeySet, key_id: str) -> bool:
    return keys.key(key_id) is not None


def test_a_known_key_is_asked_for_once() -> None:
    issuer = Issuer({URL: key_set("rsa", "ec")})
    keys = issuer.keys()
    for _ in range(100):
        issuer.seconds += 1
        assert found(keys, "rsa")
        assert found(keys, "ec")
    assert issuer.asked == [URL]


def test_unknown_ids_ask_once_a_minute() -> None:
    issuer = Issuer({URL: key_set("rsa")})
    keys = issuer.keys()
    for number in range(600):
        assert not found(keys, f"forged-{number}")
        issuer.seconds += 1
    assert len(issuer.asked) == 600 / PAUSE_S


def test_a_rotation_is_seen_after_a_minute_at_most() -> None:
    issuer = Issuer({URL: key_set("rsa")})
    keys = issuer.keys()
    assert found(keys, "rsa")
    issuer.documents[URL] = key_set("rsa", "other")
    issuer.seconds += PAUSE_S - 1
    assert not found(keys, "other")
    issuer.seconds += 1
    assert found(keys, "other")
    assert len(issuer.asked) == 2


def test_a_withdrawn_key_dies_after_some_hours_though_nobody_asks_for_another() -> None:
    issuer = Issuer({URL: key_set("rsa", "other")})
    keys = issuer.keys()
    assert found(keys, "rsa")
    issuer.documents[URL] = key_set("other")
    issuer.seconds += FRESH_S - 1
    assert found(keys, "rsa")
    issuer.seconds += 1
    assert not found(keys, "rsa")


def test_old_keys_stay_while_the_issuer_is_away_which_is_asked_once_a_minute() -> None:
    issuer = Issuer({URL: key_set("rsa")})
    keys = issuer.keys()
    assert found(keys, "rsa")
    issuer.away = True
    issuer.seconds += FRESH_S
    for _ in range(120):
        assert found(keys, "rsa")
        issuer.seconds += 1
    assert len(issuer.asked) == 1 + 120 / PAUSE_S


def test_an_issuer_that_stays_away_takes_its_keys_along() -> None:
    issuer = Issuer({URL: key_set("rsa")})
    keys = issuer.keys()
    assert found(keys, "rsa")
    issuer.away = True
    issuer.seconds += FRESH_S + KEPT_S - 1
    assert found(keys, "rsa")
    issuer.seconds += 1
    with pytest.raises(IssuerUnavailableError):
        keys.key("rsa")


def test_an_unknown_key_while_the_issuer_is_away_is_not_called_forged() -> None:
    issuer = Issuer({URL: key_set("rsa")})
    keys = issuer.keys()
    assert found(keys, "rsa")
    issuer.away = True
    issuer.seconds += PAUSE_S
    with pytest.raises(IssuerUnavailableError):
        keys.key("other")
    issuer.away = False
    issuer.seconds += PAUSE_S
    assert not found(keys, "other")


def test_an_issuer_that_was_away_at_first_is_not_hammered_and_let_in_later() -> None:
    issuer = Issuer({URL: key_set("rsa")}, away=True)
    keys = issuer.keys()
    for _ in range(PAUSE_S):
        with pytest.raises(IssuerUnavailableError):
            keys.key("rsa")
        issuer.seconds += 1
    assert len(issuer.asked) == 1
    issuer.away = False
    assert found(keys, "rsa")


BROKEN = {
    "no json": b"<html>",
    "a list": b"[]",
    "no keys": b"{}",
    "keys no list": b'{"keys": "rsa"}',
    "keys null": b'{"keys": null}',
    "empty": b'{"keys": []}',
    "deep": b"[" * 100_000,
    "strange algorithms": json.dumps({"keys": [jwk("rsa", alg=["RS256"])]}).encode(),
    "for encryption alone": json.dumps({"keys": [jwk("rsa", use="enc")]}).encode(),
    "a shared secret": b'{"keys": [{"kty": "oct", "kid": "rsa", "k": "c2VjcmV0", "alg": "HS256"}]}',
    "a shared secret as RS256": b'{"keys": [{"kty": "oct", "kid": "rsa", "k": "c2", "alg": "RS256"}]}',
    "another curve": json.dumps({"keys": [jwk("p384", kid="rsa")]}).encode(),
    "without ids": json.dumps({"keys": [jwk("rsa", kid=None)]}).encode(),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_key_set_lets_nobody_in(name: str) -> None:
    with pytest.raises(IssuerUnavailableError):
        Issuer({URL: BROKEN[name]}).keys().key("rsa")


def test_a_strange_key_harms_only_itself() -> None:
    strange = [{"kty": "magic", "kid": "x"}, "text", jwk("rsa", kid="y", n="!")]
    body = json.dumps({"keys": [*strange, jwk("ec")]}).encode()
    assert found(Issuer({URL: body}).keys(), "ec")


def discovery(**document: object) -> Issuer:
    described = {"issuer": ISSUER, "jwks_uri": URL} | document
    return Issuer({ISSUER + DISCOVERY: json.dumps(described).encode(), URL: key_set("rsa")})


def test_without_a_url_the_discovery_document_says_it() -> None:
    issuer = discovery()
    assert found(issuer.keys(None), "rsa")
    assert issuer.asked == [ISSUER + DISCOVERY, URL]


@pytest.mark.parametrize(
    "document", [{"issuer": "https://evil.example"}, {"issuer": None}, {"jwks_uri": None}]
)
def test_a_discovery_document_of_somebody_else_leads_nowhere(document: dict[str, object]) -> None:
    issuer = discovery(**document)
    with pytest.raises(IssuerUnavailableError):
        issuer.keys(None).key("rsa")
    assert URL not in issuer.asked
