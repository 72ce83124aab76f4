"""How this machine gets to the service and its storage: by which proxy, trusting whom, how patiently."""

import ssl
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import httpx

from delineate.limit import attentive

# API Gateway gives up after 30 s: whoever waits less calls a slow answer a lost one.
TIMEOUT = httpx.Timeout(35.0, connect=10.0)


@dataclass(frozen=True)
class Network:
    """`timeout` is of the service's calls; without `proxy` and `ssl_context` the environment's count.

    The environment's are `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`, `SSL_CERT_FILE` and `SSL_CERT_DIR`.
    """

    timeout: httpx.Timeout = field(default_factory=lambda: TIMEOUT)
    proxy: str | None = None
    ssl_context: ssl.SSLContext | None = None

    def client(self, **traits: Any) -> httpx.Client:
        """An httpx client by this way, whose waits a `Limit` ends."""
        traits = {"timeout": self.timeout, "proxy": self.proxy, "verify": self._trust} | traits
        return attentive(httpx.Client(**traits))

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        # Shared, for reading all certificates takes some hundredths of a second.
        return self.ssl_context or httpx.create_ssl_context()
