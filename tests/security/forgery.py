"""Tokens that nobody should take: signed by the pool's own key where only their claims are wrong."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from infra_cdk.cloud import LocalCloud
from tests.issuer import jwk, raw, rsa_key


class Pool:
    """The emulator's user pool with its private keys: no token of AWS's could be forged so well."""

    def __init__(self, cloud: LocalCloud, genuine: str) -> None:
        self.genuine = genuine
        self.claims: dict[str, Any] = jwt.decode(genuine, options={"verify_signature": False})
        self.kid: str = jwt.get_unverified_header(genuine)["kid"]
        self._cloud = cloud
        keys = cloud.emulator.temporary / "state" / "cognito-pool-keys"
        self.key: Any = load_pem_private_key(
            (keys / f"{cloud.outputs['UserPoolId']}-access.pem").read_bytes(), None
        )

    @property
    def public_pem(self) -> bytes:
        return bytes(self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))

    def sign(self, key: Any = None, header: dict[str, Any] | None = None, **changes: Any) -> str:
        """Alice's token with some claims changed, or left out where the change is None."""
        return jwt.encode(
            self.changed(**changes), key or self.key, "RS256", {"kid": self.kid} | (header or {})
        )

    def changed(self, **changes: Any) -> dict[str, Any]:
        return {name: value for name, value in (self.claims | changes).items() if value is not None}

    def tokens(self, name: str) -> dict[str, str]:
        """All that a user is given who signs in."""
        users = self._cloud.users
        assert users
        words = {"USERNAME": name, "PASSWORD": users.password(name)}
        client = self._cloud.outputs["UserPoolClientId"]
        reply = self._cloud.client("cognito-idp").initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH", ClientId=client, AuthParameters=words
        )
        given: dict[str, str] = reply["AuthenticationResult"]
        return given


def tampered(pool: Pool) -> str:
    """Another subject under Alice's signature."""
    header, _, signature = pool.genuine.split(".")
    claims = json.dumps(pool.changed(sub="somebody-else")).encode()
    return ".".join([header, base64.urlsafe_b64encode(claims).rstrip(b"=").decode(), signature])


def by_public_key(pool: Pool) -> str:
    """HS256, with what everybody may read as the secret: taken by who lets the token choose."""
    unsigned = raw({"alg": "HS256", "kid": pool.kid}, pool.claims).rpartition(".")[0]
    signature = hmac.new(pool.public_pem, unsigned.encode(), hashlib.sha256).digest()
    return f"{unsigned}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


FORGED: dict[str, Callable[[Pool], str]] = {
    "expired": lambda pool: pool.sign(exp=int(time.time()) - 1),
    "not valid yet": lambda pool: pool.sign(nbf=int(time.time()) + 600),
    "without an end": lambda pool: pool.sign(exp=None),
    "of another audience": lambda pool: pool.sign(client_id="another-client"),
    "of another issuer": lambda pool: pool.sign(iss=pool.claims["iss"] + "x"),
    "without a subject": lambda pool: pool.sign(sub=None),
    "an ID token": lambda pool: pool.tokens("alice")["IdToken"],
    "a refresh token": lambda pool: pool.tokens("alice")["RefreshToken"],
    "of no algorithm": lambda pool: raw({"alg": "none", "kid": pool.kid}, pool.claims),
    "of no algorithm, with a signature": lambda pool: raw(
        {"alg": "nOnE", "kid": pool.kid}, pool.claims, b"x"
    ),
    "HS256 by the public key": by_public_key,
    "by a key of one's own": lambda pool: pool.sign(rsa_key("mine")),
    "by a key that it brings": lambda pool: pool.sign(rsa_key("mine"), {"jwk": jwk("mine")}),
    "by a key of another id": lambda pool: pool.sign(
        header={"kid": jwt.get_unverified_header(pool.tokens("alice")["IdToken"])["kid"]}
    ),
    "by a key of an unknown id": lambda pool: pool.sign(header={"kid": "unknown"}),
    "tampered with": tampered,
    "no token at all": lambda _: "x.y.z",
}
