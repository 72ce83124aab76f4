"""Tokens that hold, and every way found of forging one."""

import base64
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given
from hypothesis import strategies as st

from downloads.caller import owner_of
from downloads.errors import IssuerUnavailableError, NotSignedInError
from downloads.web.jwks import KeySet
from downloads.web.tokens import LEEWAY_S, LONGEST, Verifier
from tests.issuer import AUDIENCE, ISSUER, SUBJECT, claims, ec_key, jwk, key_set, raw, rsa_key, token

KEYS = {"keys": [jwk("rsa"), jwk("ec"), jwk("other"), jwk("weak"), jwk("sealing", use="enc"), jwk("p384")]}
SHARED = {"kty": "oct", "kid": "shared", "k": base64.urlsafe_b64encode(b"s" * 32).decode()}
PEM = (
    rsa_key()
    .public_key()
    .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
)


def document(url: str) -> bytes:
    return json.dumps({"keys": [*KEYS["keys"], SHARED]}).encode()


VERIFIER = Verifier(KeySet(ISSUER, f"{ISSUER}/keys", document).key, ISSUER, [AUDIENCE, "another-client"])


def refusal(forged: str) -> str:
    """Why it is refused, which quotes neither the token nor a part of it."""
    with pytest.raises(NotSignedInError) as refused:
        VERIFIER.verify(forged)
    assert refused.value.__cause__ is None
    assert not [part for part in forged.split(".") if len(part) > 1 and part in str(refused.value)]
    return str(refused.value)


def by_hmac(key: bytes, kid: str = "rsa") -> str:
    """PyJWT itself refuses to sign with a public key, so this is done by hand."""
    import hashlib  # noqa: PLC0415 # used here alone
    import hmac  # noqa: PLC0415 # as above

    signed = raw({"alg": "HS256", "kid": kid, "typ": "JWT"}, claims()).rstrip(".")
    signature = hmac.new(key, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def tampered(**changes: Any) -> str:
    head, _, signature = token().split(".")
    return f"{head}.{raw({}, claims(**changes)).split('.')[1]}.{signature}"


def test_whose_token_it_is() -> None:
    end = int(time.time()) + 60
    caller = VERIFIER.verify(token(exp=end))
    assert caller.owner == owner_of(SUBJECT) == f"user:{SUBJECT}"
    assert caller.ends_at == datetime.fromtimestamp(end, UTC)


def test_claims_are_texts_as_the_gateway_hands_them_on() -> None:
    more = {"cognito:groups": ["red", "blue"], "email_verified": True, "age": 7, "exp": 4_000_000_000}
    told = VERIFIER.verify(token(**more)).claims
    assert told["cognito:groups"] == "[red blue]"
    assert (told["email_verified"], told["age"], told["exp"]) == ("true", "7", "4000000000")


@pytest.mark.parametrize(
    "good",
    [
        lambda: token("ec", ec_key(), "ES256"),
        lambda: token(client_id=None, aud=AUDIENCE),
        lambda: token(client_id=None, aud=["somebody", AUDIENCE], token_use=None),
        lambda: token(client_id="another-client"),
        lambda: token(client_id="stranger", aud=AUDIENCE),
        lambda: token(iat=int(time.time()) + LEEWAY_S - 1),
        lambda: token(nbf=int(time.time()) - 5),
    ],
)
def test_what_holds(good: Callable[[], str]) -> None:
    assert VERIFIER.verify(good()).owner == f"user:{SUBJECT}"


FORGED: dict[str, tuple[Callable[[], str], str]] = {
    "expired": (lambda: token(exp=int(time.time()) - 1), "expired"),
    "expired within the leeway": (lambda: token(exp=int(time.time()) - LEEWAY_S + 1), "expired"),
    "nbf in the future": (lambda: token(nbf=int(time.time()) + 60), "not valid yet"),
    "iat in the future": (lambda: token(iat=int(time.time()) + 60), "not valid yet"),
    "no exp": (lambda: token(exp=None), "lacks a claim"),
    "no sub": (lambda: token(sub=None), "lacks a claim"),
    "no iss": (lambda: token(iss=None), "lacks a claim"),
    "exp no time": (lambda: token(exp="soon"), "no token that can be read"),
    "exp beyond all years": (lambda: token(exp=10**15), "no time"),
    "exp infinite": (lambda: token(exp=float("inf")), "no token that can be read"),
    "sub empty": (lambda: token(sub=""), "no name"),
    "sub a list": (lambda: raw_signed(sub=["a"]), "no token that can be read"),
    "sub long": (lambda: token(sub="a" * 256), "no name"),
    "sub with a line end": (lambda: token(sub="a\nb"), "no name"),
    "sub half a character": (lambda: token(sub="\ud800"), "no name"),
    "wrong iss": (lambda: token(iss="https://evil.example"), "another issuer"),
    "iss with a slash more": (lambda: token(iss=f"{ISSUER}/"), "another issuer"),
    "wrong aud": (lambda: token(client_id=None, aud="another"), "audience"),
    "wrong aud, right client_id": (lambda: token(aud="another"), "audience"),
    "empty aud, right client_id": (lambda: token(aud=[]), "audience"),
    "aud of objects": (lambda: token(aud=[{"a": 1}]), "audience"),
    "wrong client_id": (lambda: token(client_id="stranger"), "audience"),
    "no audience": (lambda: token(client_id=None), "audience"),
    "id token": (lambda: token(token_use="id", aud=AUDIENCE), "no access token"),
    "refresh token": (lambda: token(token_use="refresh"), "no access token"),
    "alg none": (lambda: jwt.encode(claims(), "", "none", {"kid": "rsa"}), "algorithm is not allowed"),
    "alg None": (lambda: raw({"alg": "None", "kid": "rsa"}, claims()), "algorithm is not allowed"),
    "alg missing": (lambda: raw({"kid": "rsa"}, claims()), "algorithm is not allowed"),
    "alg a list": (lambda: raw({"alg": ["RS256"], "kid": "rsa"}, claims()), "algorithm is not allowed"),
    "HS256 by the public key": (lambda: by_hmac(PEM), "algorithm is not allowed"),
    "HS256 by the bytes of the JWK": (
        lambda: by_hmac(json.dumps(jwk("rsa")).encode()),
        "algorithm is not allowed",
    ),
    "HS256 by a shared key of the set": (lambda: by_hmac(b"s" * 32, "shared"), "algorithm is not allowed"),
    "RS256 with a shared key of the set": (lambda: token("shared"), "none of the issuer's"),
    "RS512": (lambda: token(alg="RS512"), "algorithm is not allowed"),
    "PS256": (lambda: token(alg="PS256"), "algorithm is not allowed"),
    "ES256 for an RSA key": (lambda: token("rsa", ec_key(), "ES256"), "not its key's"),
    "RS256 for an EC key": (lambda: token("ec"), "not its key's"),
    "ES256 with another curve": (lambda: raw({"alg": "ES256", "kid": "p384"}, claims()), "none of the"),
    "a key for encryption": (lambda: token("sealing", rsa_key("sealing")), "none of the issuer's"),
    "a weak key": (lambda: token("weak", rsa_key("weak")), "too weak"),
    "kid of another key": (lambda: token("other"), "signature"),
    "kid unknown": (lambda: token("stranger"), "none of the issuer's"),
    "kid missing": (lambda: token(None), "none of the issuer's"),
    "kid a path": (lambda: token("../../rsa"), "none of the issuer's"),
    "kid a number": (lambda: raw({"alg": "RS256", "kid": 7}, claims()), "no token that can be read"),
    "signed by somebody": (lambda: token(signed_by=rsa_key("somebody")), "signature"),
    "no signature": (lambda: token().rpartition(".")[0] + ".", "signature"),
    "tampered": (lambda: tampered(sub="somebody"), "signature"),
    "crit unknown": (
        lambda: raw({"alg": "RS256", "kid": "rsa", "crit": ["x"], "x": 1}, claims()),
        "no token that can be read",
    ),
    "payload a list": (
        lambda: jwt.api_jws.encode(b"[]", rsa_key(), "RS256", {"kid": "rsa"}),
        "no token that can be read",
    ),
    "two parts": (lambda: "a.b", "no token that can be read"),
    "nothing": (lambda: "", "no token that can be read"),
    "no text": (lambda: "\ud800.é.\x00", "no token that can be read"),
    "deep": (lambda: base64.urlsafe_b64encode(b"[" * 5_000).decode() + ".e30.e30", "no token that can be"),
    "a long number": (
        lambda: base64.urlsafe_b64encode(b"9" * 5_001).decode() + ".e30.e30",
        "no token that can be read",
    ),
    "a megabyte": (lambda: "a" * 1_000_000, "too long"),
}


def raw_signed(**changes: Any) -> str:
    """jwt.encode takes no claims of a wrong type: signed as bytes."""
    return jwt.api_jws.encode(json.dumps(claims(**changes)).encode(), rsa_key(), "RS256", {"kid": "rsa"})


@pytest.mark.parametrize("name", FORGED)
def test_what_is_refused(name: str) -> None:
    forge, why = FORGED[name]
    assert why in refusal(forge())


@pytest.mark.parametrize("name", ["jku", "x5u", "jwk", "x5c"])
def test_a_key_that_the_token_brings_is_never_taken(name: str) -> None:
    """Nobody is asked for it either: the issuer's document is asked for at its own address, and no other."""
    asked: list[str] = []

    def get(url: str) -> bytes:
        asked.append(url)
        return key_set("other")

    mine = jwk("rsa") if name == "jwk" else [jwk("rsa")] if name == "x5c" else "https://evil.example/keys"
    forged = jwt.encode(claims(), rsa_key(), "RS256", {"kid": "rsa", name: mine})
    with pytest.raises(NotSignedInError, match="none of the issuer's"):
        Verifier(KeySet(ISSUER, f"{ISSUER}/keys", get).key, ISSUER, [AUDIENCE]).verify(forged)
    assert asked == [f"{ISSUER}/keys"]


def test_the_longest_token_is_read_and_no_longer_one() -> None:
    short = token(filler="")
    room = (LONGEST - len(short)) // 4 * 3
    fits = token(filler="a" * (room - 3))
    assert LONGEST - 8 < len(fits) <= LONGEST
    assert VERIFIER.verify(fits)
    assert "too long" in refusal(token(filler="a" * (room + 6)))


def test_without_keys_nobody_gets_in_and_it_is_told_apart() -> None:
    def away(url: str) -> bytes:
        raise OSError("away")

    with pytest.raises(IssuerUnavailableError) as fault:
        Verifier(KeySet(ISSUER, f"{ISSUER}/keys", away).key, ISSUER, [AUDIENCE]).verify(token())
    assert not isinstance(fault.value, NotSignedInError)


GOOD = {"rsa": token(), "ec": token("ec", ec_key(), "ES256")}


@given(st.sampled_from(sorted(GOOD)), st.data())
def test_one_bit_changed_makes_it_another_token(name: str, data: st.DataObject) -> None:
    good = GOOD[name]
    place = data.draw(st.integers(0, len(good) - 1))
    bit = data.draw(st.integers(0, 6))
    forged = good[:place] + chr(ord(good[place]) ^ 1 << bit) + good[place + 1 :]
    with pytest.raises(NotSignedInError):
        VERIFIER.verify(forged)


@given(st.text() | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode() + ".e30.e30"))
def test_no_text_at_all_does_anything_but_get_refused(text: str) -> None:
    with pytest.raises(NotSignedInError):
        VERIFIER.verify(text)
