"""The fetch of the issuer's keys on real sockets: where it goes at all, and what answers may do to it."""

import ssl
import time
from http.client import IncompleteRead

import jwt
import pytest
import trustme

from downloads.errors import NotSignedInError
from downloads.web.get import MOST_READ, get
from downloads.web.jwks import KeySet
from downloads.web.tokens import Verifier
from tests.issuer import AUDIENCE, ISSUER, KeyServer, claims, key_set, rsa_key, token


def test_http_to_this_machine_is_for_the_local_cloud() -> None:
    with KeyServer(b'{"keys": []}') as server:
        assert get(f"{server.url}/pool/keys?a=1") == b'{"keys": []}'
        assert get(server.url.replace("127.0.0.1", "localhost")) == b'{"keys": []}'
    assert server.asked == ["/pool/keys?a=1", "/"]


@pytest.mark.parametrize(
    "url",
    [
        "http://issuer.example/keys",
        "http://169.254.169.254/latest/meta-data",
        "http://127.0.0.1.evil.example/",
        "http://localhost@evil.example/",
        "http://0.0.0.0/",
        "https://user:word@issuer.example/keys",
        "https:///keys",
        "file:///etc/passwd",
        "ftp://127.0.0.1/keys",
        "keys",
        "",
    ],
)
def test_nowhere_else_without_tls(url: str) -> None:
    with pytest.raises(ValueError, match="keys"):
        get(url)


@pytest.mark.parametrize("status", [301, 302, 307, 404, 500, 204])
def test_only_a_200_is_an_answer_and_redirects_lead_nowhere(status: int) -> None:
    with KeyServer() as elsewhere:
        headers = {"location": f"{elsewhere.url}/keys"}
        with KeyServer(b"", status, headers) as server, pytest.raises(ValueError, match=str(status)):
            get(server.url)
    assert elsewhere.asked == []


def test_an_answer_without_end_is_cut_off() -> None:
    with KeyServer(b" " * (MOST_READ + 1)) as server, pytest.raises(IncompleteRead):
        get(server.url)


def test_a_server_that_drips_is_left_in_time() -> None:
    began = time.monotonic()
    with KeyServer(b" " * 1_000, pause_s=0.05) as server, pytest.raises(TimeoutError):
        get(server.url, seconds=0.4)
    assert time.monotonic() - began < 5


def test_nobody_at_the_address() -> None:
    with pytest.raises(OSError, match="refused"):
        get("http://127.0.0.1:9/")


def test_tls_needs_a_certificate_of_the_host() -> None:
    authority = trustme.CA()
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    good, bad = (ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) for _ in range(2))
    authority.issue_cert("localhost").configure_cert(good)
    authority.issue_cert("elsewhere.example").configure_cert(bad)
    with KeyServer(b"{}", tls=good) as server:
        assert get(server.url.replace("127.0.0.1", "localhost"), trust=trust) == b"{}"
        with pytest.raises(ssl.SSLCertVerificationError):
            get(server.url.replace("127.0.0.1", "localhost"))
    with KeyServer(b"{}", tls=bad) as server, pytest.raises(ssl.SSLCertVerificationError):
        get(server.url.replace("127.0.0.1", "localhost"), trust=trust)


@pytest.mark.parametrize("name", ["jku", "x5u"])
def test_a_token_that_brings_the_address_of_its_keys_has_nobody_asked(name: str) -> None:
    with KeyServer(key_set("rsa")) as evil, KeyServer(key_set("other")) as issuer:
        verifier = Verifier(KeySet(ISSUER, issuer.url).key, ISSUER, [AUDIENCE])
        forged = jwt.encode(claims(), rsa_key(), "RS256", {"kid": "rsa", name: f"{evil.url}/keys"})
        with pytest.raises(NotSignedInError):
            verifier.verify(forged)
        assert verifier.verify(token("other", rsa_key("other")))
    assert (evil.asked, issuer.asked) == ([], ["/"])
