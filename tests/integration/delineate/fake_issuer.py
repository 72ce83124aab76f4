"""Whoever issues tokens, on loopback: Cognito's public API and an OpenID Connect issuer with device codes."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs

from tests.integration.delineate.fake_storage import QuietServer, Serving

Reply = tuple[int, dict[str, Any]]
CLIENT = "client-1"
PASSWORD = "Correct-horse-7"


class FakeIssuer(Serving):
    """`valid` are the access tokens in force; a refresh token is good for one use."""

    def __init__(self) -> None:
        self.valid: set[str] = set()
        self.refreshers: set[str] = set()
        self.passwords = {"ada": PASSWORD}
        # Challenges after the password, and what answers them.
        self.challenges: list[str] = []
        self.code = "123456"
        # Errors to answer with first.
        self.errors: list[tuple[str, str]] = []
        self.lifetime = 3600
        self.pause = 0.0
        # What the token endpoint says to a device code before the tokens.
        self.device_errors: list[str] = []
        self.offers_devices = True
        self.named = ""
        self.status = 200
        self.asked: list[str] = []
        self.forms: list[dict[str, str]] = []
        self._lock = threading.Lock()
        self._count = 0
        self._server = QuietServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def cognito(self) -> dict[str, str]:
        return {"mode": "cognito", "issuer": f"{self.url}/pool", "clientId": CLIENT, "endpoint": self.url}

    @property
    def oidc(self) -> dict[str, str]:
        return {"mode": "oidc", "issuer": self.url, "clientId": CLIENT}

    def issue(self) -> tuple[str, str]:
        with self._lock:
            self._count += 1
            access, refresher = f"access-{self._count}", f"refresh-{self._count}"
            self.valid.add(access)
            self.refreshers.add(refresher)
            return access, refresher

    def exchange(self, refresher: str) -> tuple[str, str] | None:
        time.sleep(self.pause)
        with self._lock:
            if refresher not in self.refreshers:
                return None
            self.refreshers.remove(refresher)
        return self.issue()

    def answer(self, action: str, body: dict[str, Any]) -> Reply:
        """Cognito's own API."""
        self.asked.append(action)
        if self.errors:
            name, said = self.errors.pop(0)
            return 400, {"__type": f"com.amazonaws.cognito#{name}", "message": said}
        if action == "RevokeToken":
            self.refreshers.discard(body["Token"])
            return 200, {}
        if action == "RespondToAuthChallenge":
            return self._challenged(body)
        given = body["AuthParameters"]
        if body["AuthFlow"] == "REFRESH_TOKEN_AUTH":
            issued = self.exchange(given["REFRESH_TOKEN"])
            return self._result(issued) if issued else _refused("Refresh Token has been revoked")
        if self.passwords.get(given["USERNAME"]) != given["PASSWORD"] or body["ClientId"] != CLIENT:
            return _refused("Incorrect username or password.")
        return self._next(given["USERNAME"])

    def _next(self, user: str) -> Reply:
        if not self.challenges:
            return self._result(self.issue())
        told = {"ChallengeName": self.challenges[0], "Session": f"session of {user}"}
        return 200, told | {"ChallengeParameters": {"USER_ID_FOR_SRP": user}}

    def _challenged(self, body: dict[str, Any]) -> Reply:
        given, user = body["ChallengeResponses"], body["Session"].removeprefix("session of ")
        if body["ChallengeName"] == "NEW_PASSWORD_REQUIRED":
            if len(given["NEW_PASSWORD"]) < 8:
                return 400, {"__type": "InvalidPasswordException", "message": "Password not long enough"}
            self.passwords[user] = given["NEW_PASSWORD"]
        elif given["SOFTWARE_TOKEN_MFA_CODE"] != self.code:
            return 400, {"__type": "CodeMismatchException", "message": "Invalid code"}
        self.challenges.pop(0)
        return self._next(user)

    def _result(self, issued: tuple[str, str]) -> Reply:
        tokens = {"AccessToken": issued[0], "RefreshToken": issued[1], "ExpiresIn": self.lifetime}
        return 200, {"AuthenticationResult": {**tokens, "IdToken": "id-token", "TokenType": "Bearer"}}

    def form(self, path: str, form: dict[str, str]) -> Reply:
        """The endpoints of an OpenID Connect issuer."""
        self.asked.append(path)
        self.forms.append(form)
        if path == "/device":
            codes = {"device_code": "device-1", "user_code": "WDJB-MJHT", "interval": 1, "expires_in": 60}
            return 200, codes | {"verification_uri": f"{self.url}/activate"}
        if path == "/revoke":
            self.refreshers.discard(form["token"])
            return 200, {}
        if form["grant_type"] == "refresh_token":
            issued = self.exchange(form["refresh_token"])
            return self._tokens(issued) if issued else (400, {"error": "invalid_grant"})
        if self.device_errors:
            return 400, {"error": self.device_errors.pop(0)}
        return self._tokens(self.issue())

    def _tokens(self, issued: tuple[str, str]) -> Reply:
        return 200, {"access_token": issued[0], "refresh_token": issued[1], "expires_in": self.lifetime}

    def discovery(self) -> dict[str, str]:
        device = {"device_authorization_endpoint": f"{self.url}/device"} if self.offers_devices else {}
        ends = {"token_endpoint": f"{self.url}/token", "revocation_endpoint": f"{self.url}/revoke"}
        return {"issuer": self.named or self.url, **ends, **device}


def _refused(said: str) -> Reply:
    return 400, {"__type": "NotAuthorizedException", "message": said}


def _handler(issuer: FakeIssuer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Quiet."""

        def do_GET(self) -> None:
            found = self.path == "/.well-known/openid-configuration"
            self._send(200 if found else 404, issuer.discovery() if found else {})

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["content-length"]))
            kind = self.headers["content-type"]
            if issuer.status != 200:
                return self._send(issuer.status, {})
            if kind == "application/x-amz-json-1.1":
                service, _, action = self.headers["x-amz-target"].partition(".")
                assert service == "AWSCognitoIdentityProviderService"
                return self._send(*issuer.answer(action, json.loads(raw)))
            fields = {name: values[0] for name, values in parse_qs(raw.decode()).items()}
            return self._send(*issuer.form(self.path, fields))

        def _send(self, status: int, reply: dict[str, Any]) -> None:
            raw = json.dumps(reply).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

    return Handler
