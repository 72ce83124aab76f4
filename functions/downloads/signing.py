"""Signatures of webhooks, by the Standard Webhooks specification (symmetric, ``v1``)."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence

PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64


def key_of(secret: str) -> bytes:
    """The key that a secret stands for: base64 of 24 to 64 bytes, with ``whsec_`` before it or without.

    Raises ValueError for anything else; its text holds nothing of the secret.
    """
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("a webhook secret is base64") from None
    if not SHORTEST <= len(key) <= LONGEST:
        raise ValueError(f"a webhook secret has {SHORTEST} to {LONGEST} bytes, not {len(key)}")
    return key


def headers(webhook_id: str, timestamp: int, body: bytes, keys: Sequence[bytes]) -> dict[str, str]:
    """The three headers; ``timestamp`` is in seconds since 1970. Each live key signs, the newest first."""
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(_signature(key, signed) for key in keys),
    }


def _signature(key: bytes, signed: bytes) -> str:
    digest = hmac.new(key, signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"
