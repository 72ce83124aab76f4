"""Tokens that are refreshed: in time, after a 401, by many at once."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from delineate.api import Api
from delineate.auth import cognito
from delineate.auth.credentials import Credentials, usual_path
from delineate.auth.grant import Grant, Issuer
from delineate.auth.tokens import KeptTokens, key_of, tokens_for
from delineate.cli.completion import recent_jobs
from delineate.errors import SignInNeeded, Unreachable
from tests.integration.delineate.fake_issuer import CLIENT, FakeIssuer
from tests.integration.delineate.fake_service import FakeService

NOW = 1_000_000.0
SHOW = "import sys; from delineate.auth.tokens import tokens_for; print(tokens_for(sys.argv[1]).current())"


@pytest.fixture
def sign_in(service: FakeService, issuer: FakeIssuer) -> Callable[..., Grant]:
    """Keeps a sign-in that began at `NOW` with the issuer's lifetime."""

    def keep(mode: str = "cognito", now: float = NOW) -> Grant:
        access, refresher = issuer.issue()
        by = Issuer.model_validate({"mode": mode, "url": issuer.url, "client_id": CLIENT})
        grant = Grant.issued(by, access, refresher, issuer.lifetime, now)
        credentials = Credentials(usual_path())
        with credentials.locked():
            credentials.keep(key_of(service.url), grant)
        return grant

    return keep


class Clock:
    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def kept_tokens(service: FakeService, clock: Clock) -> KeptTokens:
    return KeptTokens(key_of(service.url), Credentials(usual_path()), clock)


@pytest.mark.parametrize("mode", ["cognito", "oidc"])
def test_a_token_is_renewed_a_minute_before_it_ends(
    service: FakeService, issuer: FakeIssuer, sign_in: Callable[..., Grant], mode: str
) -> None:
    old, clock = sign_in(mode), Clock(NOW + 3539)
    tokens = kept_tokens(service, clock)
    assert tokens.current() == old.access_token
    assert issuer.asked == []
    clock.now = NOW + 3540
    fresh = tokens.current()
    assert fresh != old.access_token
    assert fresh in issuer.valid
    assert tokens.current() == fresh
    assert len(issuer.asked) == 1
    # The next process finds the new one, with the refresh token that came with it.
    kept = Credentials(usual_path()).grant(key_of(service.url))
    assert kept is not None
    assert kept.access_token == fresh
    assert issuer.refreshers == {kept.refresh_token}


def test_an_issuer_that_is_away_does_not_end_a_token_before_its_time(
    service: FakeService, issuer: FakeIssuer, sign_in: Callable[..., Grant]
) -> None:
    old, clock = sign_in(), Clock(NOW + 3550)
    issuer.status = 503
    tokens = kept_tokens(service, clock)
    assert tokens.current() == old.access_token
    clock.now = NOW + 3600
    with pytest.raises(Unreachable, match="busy"):
        tokens.current()


def test_a_token_that_has_ended_for_good_is_not_sent(
    service: FakeService, issuer: FakeIssuer, sign_in: Callable[..., Grant]
) -> None:
    sign_in()
    issuer.refreshers.clear()
    assert kept_tokens(service, Clock(NOW + 3601)).current() is None


def test_after_a_401_the_call_is_made_again_once_with_a_new_token(
    service: FakeService, issuer: FakeIssuer, sign_in: Callable[..., Grant]
) -> None:
    old = sign_in(now=2e9)
    issuer.valid.clear()
    job = service.create([70000])
    with Api(service.url, tokens=tokens_for(service.url)) as api:
        assert api.status(job.id).jobId == job.id
        assert api.status(job.id).jobId == job.id
    sent = [authorization for _, authorization in service.authorizations]
    assert sent[0] == f"Bearer {old.access_token}"
    assert sent[1] == sent[2] == f"Bearer {next(iter(issuer.valid))}"
    assert len(sent) == 3


def test_a_service_that_takes_no_token_at_all_is_asked_twice_and_no_more(
    service: FakeService, issuer: FakeIssuer, sign_in: Callable[..., Grant]
) -> None:
    sign_in(now=2e9)
    service.tokens = set()
    with Api(service.url, tokens=tokens_for(service.url)) as api, pytest.raises(SignInNeeded):
        api.status("j")
    assert len(service.authorizations) == 2


def test_a_revoked_sign_in_says_sign_in_first(
    service: FakeService, issuer: FakeIssuer, sign_in: Callable[..., Grant]
) -> None:
    sign_in(now=2e9)
    issuer.valid.clear()
    issuer.refreshers.clear()
    words = r"^Sign in first: `delineate login`\.$"
    with Api(service.url, tokens=tokens_for(service.url)) as api, pytest.raises(SignInNeeded, match=words):
        api.status("j")


def test_threads_that_are_refused_together_renew_once(
    service: FakeService, issuer: FakeIssuer, sign_in: Callable[..., Grant]
) -> None:
    old = sign_in(now=2e9).access_token
    issuer.pause = 0.05
    tokens = tokens_for(service.url)
    assert tokens.current() == old
    got: list[str | None] = []
    threads = [threading.Thread(target=lambda: got.append(tokens.renewed(old))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(issuer.asked) == 1
    assert len(set(got)) == 1
    assert got[0] in issuer.valid
    assert len(got) == 8


def test_processes_that_renew_at_once_ask_the_issuer_once(
    service: FakeService, issuer: FakeIssuer, sign_in: Callable[..., Grant]
) -> None:
    """The refresh token is good for one use: whoever came second with it would be signed out."""
    sign_in(now=NOW)
    issuer.pause = 0.3
    running = [
        subprocess.Popen([sys.executable, "-c", SHOW, service.url], stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    told = {process.communicate(timeout=60)[0].strip() for process in running}
    assert len(told) == 1
    assert told <= issuer.valid
    assert len(issuer.asked) == 1
    path = Path(os.environ["DELINEATE_CREDENTIALS"])
    assert path.stat().st_mode & 0o777 == 0o600
    assert sorted(file.name for file in path.parent.iterdir()) == [path.name, f"{path.name}.lock"]


def test_another_processs_token_is_taken_over(
    service: FakeService, issuer: FakeIssuer, sign_in: Callable[..., Grant]
) -> None:
    old = sign_in(now=2e9)
    tokens = tokens_for(service.url)
    assert tokens.current() == old.access_token
    newer = sign_in(now=2e9)
    assert tokens.renewed(old.access_token) == newer.access_token
    assert issuer.asked == []


def test_cognito_keeps_the_refresh_token_that_it_does_not_renew(
    issuer: FakeIssuer, sign_in: Callable[..., Grant]
) -> None:
    held = sign_in()
    silent = cognito._grant(held.issuer, {"AuthenticationResult": {"AccessToken": "next"}}, "kept", NOW)
    assert (silent.access_token, silent.refresh_token, silent.refresh_at) == ("next", "kept", None)


def offered(service: FakeService) -> list[str]:
    context = click.Context(click.Command("get"))
    context.params = {"api": service.url}
    return [job_id for job_id, _ in recent_jobs(context, "")]


@pytest.mark.parametrize("age", [0, 3590, 9000])
def test_completion_uses_a_token_that_is_alive_and_never_refreshes_one(
    service: FakeService, issuer: FakeIssuer, sign_in: Callable[..., Grant], age: int
) -> None:
    sign_in(now=time.time() - age)
    service.halt_at = 0
    job = service.create([70000])
    assert offered(service) == ([job.id] if age < issuer.lifetime else [])
    assert issuer.asked == []
