"""The issuer's keys (RFC 7517), fetched when needed and remembered.

Whoever sends a token can make this ask the issuer once a minute, and nobody else: what a token's header says
of keys (``jku``, ``x5u``, ``jwk``) is never looked at.
"""

import json
import time
from collections.abc import Callable
from http.client import HTTPException
from math import inf
from typing import Any

from jwt import PyJWK, PyJWKSet
from jwt.exceptions import PyJWTError

from downloads.errors import IssuerUnavailableError
from downloads.web.get import get

# Asymmetric only: a secret that is shared, or a public key taken for one, verifies nothing.
ALGORITHMS = frozenset({"RS256", "ES256"})
# Seconds for which known keys are used without asking: a key that the issuer withdrew dies after them.
FRESH_S = 4 * 3_600
# Seconds for which they are used beyond that while the issuer is away; then nobody gets in.
KEPT_S = 24 * 3_600
# Seconds between two questions, whatever came of the first.
PAUSE_S = 60
DISCOVERY = "/.well-known/openid-configuration"
# Of the network, of HTTP, and of documents of any shape.
FAULTS = (OSError, HTTPException, PyJWTError, ValueError, TypeError, LookupError, RecursionError)

Get = Callable[[str], bytes]


class KeySet:
    """Keys by their id, from ``url`` or, without one, from where the issuer's discovery document says.

    ``clock`` is monotonic, in seconds.
    """

    def __init__(
        self, issuer: str, url: str | None = None, get: Get = get, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._issuer = issuer
        self._url = url
        self._get = get
        self._clock = clock
        self._keys: dict[str, PyJWK] = {}
        self._fault: Exception | None = None
        self._fresh_until = self._ask_after = -inf

    def key(self, key_id: str) -> PyJWK | None:
        """The key of this id, or None when the issuer has none.

        Raises IssuerUnavailableError when it is not known and the issuer could not be asked.
        """
        now = self._clock()
        if now >= self._fresh_until + KEPT_S:
            self._keys = {}
        if (key_id not in self._keys or now >= self._fresh_until) and now >= self._ask_after:
            self._ask(now)
        found = self._keys.get(key_id)
        if found is None and self._fault:
            raise IssuerUnavailableError("the issuer's keys cannot be had") from self._fault
        return found

    def _ask(self, now: float) -> None:
        self._ask_after = now + PAUSE_S
        try:
            self._keys, self._fault = self._read(), None
        except FAULTS as fault:
            # What was known stays for a while: an issuer that is away for an hour has not withdrawn its keys.
            self._fault = fault
        else:
            self._fresh_until = now + FRESH_S

    def _read(self) -> dict[str, PyJWK]:
        known = PyJWKSet.from_dict(self._document(self._url or self._discovered()))
        usable = {key.key_id: key for key in known.keys if key.key_id and _signs(key)}
        if not usable:
            raise ValueError("the key set has no key that can be used")
        return usable

    def _discovered(self) -> str:
        """OpenID Connect Discovery 1.0, section 4.3: the document must name the very issuer."""
        document = self._document(self._issuer.rstrip("/") + DISCOVERY)
        if document["issuer"] != self._issuer:
            raise ValueError("the discovery document is another issuer's")
        return str(document["jwks_uri"])

    def _document(self, url: str) -> dict[str, Any]:
        document = json.loads(self._get(url))
        if not isinstance(document, dict):
            raise TypeError("the issuer's document is no object")
        return document


def _signs(key: PyJWK) -> bool:
    """Whether it is for signatures, by an algorithm that is allowed; PyJWK holds the two to fit the type."""
    return key.algorithm_name in ALGORITHMS and key.public_key_use in {None, "sig"}
