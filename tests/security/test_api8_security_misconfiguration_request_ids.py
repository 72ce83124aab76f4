"""API8:2023. What a caller calls its request breaks into no header and no line of a log."""

import json
from http.client import HTTPConnection
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest

from tests.e2e.conftest import Service, until
from tests.security.logbook import lines

ECHOED = [
    "%0d%0aset-cookie: x=1",
    '"},{"level":"INFO',
    "${jndi:ldap://x}",
    "$(id)",
    "<script>",
    "\\n\\r",
    "x" * 128,
]
REPLACED = [
    b"a\x01b", b"a\x1b[31mb", b"a\tb", b"a\x7fb", b"a\x85b", b"a\xc2\x85b", "a\u2028b".encode(), "ä".encode(),
    b"\xff\xfe", "\u202eabc".encode(), b"x" * 129, b"x" * 10_000, b"", b"   ",
]  # fmt: skip


def asked(service: Service, request_id: bytes, path: str = "/health") -> tuple[int, dict[str, str], bytes]:
    """Past httpx, which would refuse to send some of these."""
    url = urlsplit(service.cloud.outputs["ApiUrl"])
    connection = HTTPConnection(url.netloc, timeout=60)
    connection.putrequest("GET", url.path + path)
    connection.putheader("authorization", f"Bearer {service.token}")
    connection.putheader("x-request-id", request_id)
    connection.endheaders()
    reply = connection.getresponse()
    return reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read()


@pytest.mark.parametrize("text", ECHOED)
def test_printable_text_stays_one_header(service: Service, text: str) -> None:
    status, headers, body = asked(service, text.encode(), "/nowhere")
    assert (status, headers["x-request-id"]) == (404, text)
    assert json.loads(body)["requestId"] == text
    assert "set-cookie" not in headers


@pytest.mark.parametrize("text", REPLACED, ids=repr)
def test_what_is_not_printable_or_too_long_is_replaced(service: Service, text: bytes) -> None:
    try:
        status, headers, body = asked(service, text, "/nowhere")
    except ConnectionError:
        # The server itself lets no such header in.
        return
    if status == 400:
        assert text not in body or not text.strip()
        return
    assert str(UUID(headers["x-request-id"])) == headers["x-request-id"] == json.loads(body)["requestId"]


def test_a_line_end_makes_no_line_of_a_log(service: Service) -> None:
    mark, job_id = uuid4().hex, str(uuid4())
    forged = f'{mark}"}}%0a{{"level":"ERROR","message":"{mark} forged'
    # An item of no shape that the service knows: the fault is logged with the id of its request.
    broken = {"PK": {"S": f"JOB#{job_id}"}, "SK": {"S": "JOB"}, "owner": {"S": service.owner}}
    service.cloud.client("dynamodb").put_item(TableName=service.cloud.outputs["TableName"], Item=broken)
    status, headers, _ = asked(service, forged.encode(), f"/v1/download/status/{job_id}")
    assert (status, headers["x-request-id"]) == (503, forged)

    def logged() -> list[str]:
        return [line for _, line in lines(service.cloud) if mark in line]

    for line in until(logged, bool):
        assert json.loads(line)["requestId"] == forged
