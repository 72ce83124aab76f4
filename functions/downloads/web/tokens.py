"""Access tokens (JWT, RFC 7519), verified as RFC 8725 asks and as an HTTP API's JWT authorizer does."""

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import Any

import jwt
from jwt import PyJWK, exceptions

from downloads.caller import Caller, owner_of
from downloads.errors import NotSignedInError
from downloads.web.jwks import ALGORITHMS

# Characters. Headers of API Gateway end at 10,240 bytes together.
LONGEST = 8_192
# Of a subject, by OpenID Connect Core 1.0, section 2.
LONGEST_SUBJECT = 255
# Seconds that the issuer's clock may be ahead of ours; an end is an end.
LEEWAY_S = 3
OPTIONS: Any = {
    "require": ["exp", "iss", "sub"],
    "verify_aud": False,  # done here: the claim has two names
    "enforce_minimum_key_length": True,
}
UNREADABLE = "it is no token that can be read"
# Said in our words: what the library says could quote the token.
REASONS: dict[type[exceptions.PyJWTError], str] = {
    exceptions.ExpiredSignatureError: "the token has expired",
    exceptions.ImmatureSignatureError: "the token is not valid yet",
    exceptions.InvalidIssuerError: "the token is another issuer's",
    exceptions.InvalidSignatureError: "the token's signature does not hold",
    exceptions.InvalidKeyError: "the token's key is too weak",
    exceptions.MissingRequiredClaimError: "the token lacks a claim",
}

Find = Callable[[str], PyJWK | None]


class Verifier:
    """Verifies tokens of one issuer. ``find`` gives its keys; a token is for one of ``audiences``."""

    def __init__(self, find: Find, issuer: str, audiences: Collection[str]) -> None:
        self._find = find
        self._issuer = issuer
        self._audiences = frozenset(audiences)

    def verify(self, token: str) -> Caller:
        """Whose token it is. Raises NotSignedInError, or IssuerUnavailableError: then it is not known."""
        if len(token) > LONGEST:
            raise NotSignedInError("the token is too long")
        try:
            claims = self._claims(token)
        except exceptions.PyJWTError as error:
            raise NotSignedInError(REASONS.get(type(error), UNREADABLE)) from None
        except ValueError:
            # A character that is none, a number too long to read.
            raise NotSignedInError(UNREADABLE) from None
        self._check_use(claims)
        texts = {name: _text(value) for name, value in claims.items()}
        return Caller(owner_of(_subject(claims)), ends_at=_end(claims), claims=texts)

    def _claims(self, token: str) -> Mapping[str, Any]:
        header = jwt.get_unverified_header(token)
        algorithm, key_id = header.get("alg"), header.get("kid")
        if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
            raise NotSignedInError("the token's algorithm is not allowed")
        key = self._find(key_id) if isinstance(key_id, str) else None
        if key is None:
            raise NotSignedInError("the token's key is none of the issuer's")
        # By the key's algorithm, never by what the token asks for.
        if algorithm != key.algorithm_name:
            raise NotSignedInError("the token's algorithm is not its key's")
        allowed = [key.algorithm_name]
        return jwt.decode(token, key, allowed, OPTIONS, issuer=self._issuer, leeway=LEEWAY_S)

    def _check_use(self, claims: Mapping[str, Any]) -> None:
        # Cognito's access tokens have no audience, but the client that they were given to.
        given = claims["aud"] if "aud" in claims else claims.get("client_id")
        named = given if isinstance(given, list) else [given]
        if not any(isinstance(name, str) and name in self._audiences for name in named):
            raise NotSignedInError("the token is for another audience")
        if claims.get("token_use", "access") != "access":
            raise NotSignedInError("the token is no access token")


def _subject(claims: Mapping[str, Any]) -> str:
    """It becomes part of keys and policies: text without control characters and halves of characters."""
    subject: str = claims["sub"]
    if not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
        raise NotSignedInError("the token's subject is no name")
    return subject


def _end(claims: Mapping[str, Any]) -> datetime:
    try:
        end = datetime.fromtimestamp(int(claims["exp"]), UTC)
    except (ValueError, OverflowError, OSError):
        raise NotSignedInError("the token's end is no time") from None
    if end <= datetime.now(UTC):
        raise NotSignedInError(REASONS[exceptions.ExpiredSignatureError])
    return end


def _text(value: Any) -> str:
    """A claim as API Gateway hands it on: text, and lists as ``[one two]``."""
    if isinstance(value, list):
        return f"[{' '.join(map(_text, value))}]"
    return str(value).lower() if isinstance(value, bool) else str(value)
