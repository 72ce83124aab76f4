"""A receiver of the download service's webhooks: verifies what is posted, prints each once as a line of JSON.

    WEBHOOK_SECRET=whsec_… python receiver.py [--port 8000]

Python's standard library alone. `verify` is all that a receiver needs of Standard Webhooks
(https://www.standardwebhooks.com); the library `standardwebhooks` does the same.
"""

import argparse
import base64
import hashlib
import hmac
import os
import re
import time
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOLERANCE_S = 300
MOST_BYTES = 65_536
MOST_REMEMBERED = 10_000


class NotVerifiedError(Exception):
    """The request is not from the service, or too old; the text says which."""


def verify(headers: Mapping[str, str], body: bytes, secrets: list[str], now: float) -> str:
    """The webhook's id. Raises NotVerifiedError.

    `secrets` are one or, while it is changed, two; `now` is in seconds since 1970.
    """
    webhook_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if (
        not webhook_id
        or not re.fullmatch("[0-9]{1,12}", timestamp)
        or abs(now - int(timestamp)) > TOLERANCE_S
    ):
        raise NotVerifiedError("no id, or a timestamp that is not of these five minutes")
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    given = headers.get("webhook-signature", "").encode().split()
    for secret in secrets:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        expected = b"v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256))
        if any(hmac.compare_digest(expected, signature) for signature in given):
            return webhook_id
    raise NotVerifiedError("no signature fits")


class Receiver(BaseHTTPRequestHandler):
    """Answers 204 to what is verified, at once: what takes time belongs behind a queue."""

    secrets: list[str]
    seen: dict[str, None]

    def do_POST(self) -> None:  # http.server's name
        length = self.headers.get("content-length", "")
        if not re.fullmatch("[0-9]{1,9}", length) or int(length) > MOST_BYTES:
            self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        body = self.rfile.read(int(length))
        try:
            webhook_id = verify(self.headers, body, self.secrets, time.time())  # type: ignore[arg-type] # a Mapping in all but name
        except NotVerifiedError as error:
            self.log_message("refused: %s", error)
            self._answer(HTTPStatus.UNAUTHORIZED)
            return
        # The service sends at least once: what was seen changes nothing. Keep the ids where your data are.
        if webhook_id not in self.seen:
            self.seen[webhook_id] = None
            while len(self.seen) > MOST_REMEMBERED:
                del self.seen[next(iter(self.seen))]
            print(body.decode(), flush=True)
        self._answer(HTTPStatus.NO_CONTENT)

    def _answer(self, status: HTTPStatus) -> None:
        self.send_response(status)
        self.end_headers()


def _is_secret(text: str) -> bool:
    try:
        return text.startswith("whsec_") and bool(
            base64.b64decode(text.removeprefix("whsec_"), validate=True)
        )
    except ValueError:
        return False


def main() -> None:
    parser = argparse.ArgumentParser(description="Receive and verify webhooks of the download service.")
    parser.add_argument("--port", type=int, default=8000)
    options = parser.parse_args()
    Receiver.secrets = os.environ.get("WEBHOOK_SECRET", "").split()
    Receiver.seen = {}
    if not Receiver.secrets or not all(map(_is_secret, Receiver.secrets)):
        parser.error("WEBHOOK_SECRET must hold whsec_ and base64, or two of these while it is changed")
    with ThreadingHTTPServer(("127.0.0.1", options.port), Receiver) as server:
        print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
