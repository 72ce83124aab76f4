"""An issuer of tokens: its keys, tokens of any shape, and its key set as a server on loopback."""

import base64
import json
import ssl
import threading
import time
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

ISSUER = "https://issuer.example/pool"
AUDIENCE = "the-client"
SUBJECT = "5d1f4c0e-8f0a-4f0e-9d3b-6a1c2b3d4e5f"


def rsa_key(name: str = "rsa") -> rsa.RSAPrivateKey:
    return _rsa_key(name)


def ec_key(name: str = "ec") -> ec.EllipticCurvePrivateKey:
    return _ec_key(name)


@cache
def _rsa_key(name: str) -> rsa.RSAPrivateKey:
    """Slow to make, so each is made once a run."""
    return rsa.generate_private_key(public_exponent=65_537, key_size=1_024 if name == "weak" else 2_048)


@cache
def _ec_key(name: str) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP384R1() if name == "p384" else ec.SECP256R1())


def jwk(name: str, **more: Any) -> dict[str, Any]:
    """A public key as a key set has it; names that begin with ``ec`` or ``p`` are of elliptic curves."""
    elliptic = name.startswith(("ec", "p"))
    if elliptic:
        shown = json.loads(ECAlgorithm.to_jwk(ec_key(name).public_key()))
    else:
        shown = json.loads(RSAAlgorithm.to_jwk(rsa_key(name).public_key()))
    return shown | {"kid": name, "use": "sig"} | more


def key_set(*names: str) -> bytes:
    return json.dumps({"keys": [jwk(name) for name in names]}).encode()


def claims(**changes: Any) -> dict[str, Any]:
    """A Cognito access token's claims; a change to None leaves the claim out."""
    now = int(time.time())
    whole = {
        "sub": SUBJECT,
        "iss": ISSUER,
        "client_id": AUDIENCE,
        "token_use": "access",
        "scope": "aws.cognito.signin.user.admin",
        "iat": now,
        "exp": now + 3_600,
    }
    return {name: value for name, value in (whole | changes).items() if value is not None}


def token(kid: str | None = "rsa", signed_by: Any = None, alg: str = "RS256", **changes: Any) -> str:
    """A token that holds, unless a change makes it one that does not."""
    headers = {} if kid is None else {"kid": kid}
    return jwt.encode(claims(**changes), signed_by or rsa_key(), alg, headers)


def raw(header: dict[str, Any], payload: dict[str, Any], signature: bytes = b"") -> str:
    """A token that no library would make."""
    parts = [json.dumps(header).encode(), json.dumps(payload).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


@dataclass
class KeyServer:
    """Answers ``status`` and ``body`` to whatever is asked; ``asked`` has the paths."""

    body: bytes = b"{}"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    # Seconds between an answer's bytes.
    pause_s: float = 0.0
    tls: ssl.SSLContext | None = None

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        if self.tls:
            # Each handshake in the thread of its request: one that is broken off holds back no other.
            self._server.socket = self.tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.url = f"{'https' if self.tls else 'http'}://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:  # http.server's name
                server.asked.append(self.path)
                self.send_response(server.status)
                for name, value in server.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(server.body)))
                self.end_headers()
                server.write(self.wfile)

            def log_message(self, format: str, *args: object) -> None:  # http.server's name
                """Silence."""

        return Handler

    def write(self, out: Any) -> None:
        try:
            if not self.pause_s:
                out.write(self.body)
                return
            for byte in self.body:
                out.write(bytes([byte]))
                out.flush()
                time.sleep(self.pause_s)
        except OSError:
            """Who asked has gone."""
