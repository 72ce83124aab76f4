"""Where secrets may go, when tokens are renewed, and that none of them shows."""

import pytest

from delineate.auth.grant import Grant, Issuer, checked_token
from delineate.auth.secrecy import is_private, require_private, same_origin
from delineate.errors import ServiceError, SignInFailed, Unreachable
from delineate.watching.admission import RENEWAL_SECONDS, Admission

ISSUER = Issuer(mode="oidc", url="https://issuer.example", client_id="client-1")


@pytest.mark.parametrize(
    ("url", "private"),
    [
        ("https://api.example", True),
        ("wss://api.example/live", True),
        ("http://127.0.0.1:4566", True),
        ("http://127.9.9.9", True),
        ("ws://[::1]:4566", True),
        ("http://localhost:4566", True),
        ("http://LOCALHOST", True),
        ("http://api.localhost", True),
        ("http://api.example", False),
        ("http://localhost.example", False),
        ("http://127.0.0.1.example", False),
        ("http://127.0.0.1@api.example", False),
        ("http://10.0.0.1", False),
        ("http://0.0.0.0", False),
        ("ws://api.example", False),
        ("ftp://api.example", False),
    ],
)
def test_secrets_go_by_tls_or_stay_on_this_machine(url: str, private: bool) -> None:
    assert is_private(url) is private
    if not private:
        with pytest.raises(SignInFailed, match="Use https"):
            require_private(url)


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ("https://api.example/live", True),
        ("https://API.example:443", True),
        ("http://api.example", False),
        ("https://api.example:444", False),
        ("https://api.example.org", False),
    ],
)
def test_one_server_is_told_from_another(other: str, same: bool) -> None:
    assert same_origin("https://api.example", other) is same


@pytest.mark.parametrize(("lifetime", "due"), [(3600, 3540), (120, 60), (60, 30)])
def test_a_token_is_due_before_it_ends(lifetime: int, due: int) -> None:
    grant = Grant.issued(ISSUER, "access-1", "refresh-1", lifetime, 1000)
    assert not grant.due(1000 + due - 1)
    assert grant.due(1000 + due)
    assert not grant.expired(1000 + lifetime - 1)
    assert grant.expired(1000 + lifetime)


def test_a_token_without_a_lifetime_is_good_until_it_is_refused() -> None:
    grant = Grant.issued(ISSUER, "access-1", None, None, 1000)
    assert not grant.due(1e12)
    assert not grant.expired(1e12)


def test_tokens_do_not_show() -> None:
    shown = repr(Grant.issued(ISSUER, "access-1", "refresh-1", 60, 0))
    assert "access-1" not in shown
    assert "refresh-1" not in shown


@pytest.mark.parametrize("token", ["", None, 7, "two words", "line\nbreak", "ünïcode", "a=b"])
def test_what_is_no_token_is_not_repeated(token: object) -> None:
    with pytest.raises(SignInFailed) as caught:
        checked_token(token, "DELINEATE_TOKEN")
    assert str(caught.value) == "DELINEATE_TOKEN is not a token."


class Tokens:
    """Counts renewals; `away`: the issuer cannot be reached."""

    def __init__(self, away: bool = False) -> None:
        self.renewals = 0
        self.away = away

    def current(self) -> str | None:
        return f"access-{self.renewals}"

    def renewed(self, refused: str) -> str | None:
        assert refused == f"access-{self.renewals}"
        self.renewals += 1
        if self.away:
            raise Unreachable("The issuer is away.")
        return self.current()


def test_connections_renew_their_token_hour_after_hour_but_not_in_a_row() -> None:
    tokens, now = Tokens(), [0.0]
    admission = Admission(tokens, lambda: now[0])
    assert admission.token() == "access-0"
    assert admission.renewed()
    assert admission.token() == "access-1"
    assert not admission.renewed()
    now[0] = RENEWAL_SECONDS
    assert admission.renewed()
    assert tokens.renewals == 2


def test_without_a_token_or_an_issuer_there_is_none_to_renew() -> None:
    anonymous, stranded = Admission(None), Admission(Tokens(away=True))
    assert anonymous.token() is None
    assert not anonymous.renewed()
    stranded.token()
    assert not stranded.renewed()


def test_an_error_says_when_to_try_again() -> None:
    limited = ServiceError("RATE_LIMITED", "Too many jobs.", 429, "r-1", 42)
    assert str(limited) == "Too many jobs; try again in 42 s (RATE_LIMITED, request r-1)."
