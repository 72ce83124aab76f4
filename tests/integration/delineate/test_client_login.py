"""`delineate login`, `logout` and `token`, against a fake Cognito and a fake OpenID Connect issuer."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from delineate.auth import device_flow, oidc
from delineate.auth.credentials import CredentialsFault
from delineate.auth.grant import Issuer
from delineate.cli import signing_in
from delineate.cli.app import app
from delineate.errors import SignInFailed
from tests.integration.delineate.fake_issuer import CLIENT, PASSWORD, FakeIssuer
from tests.integration.delineate.fake_service import NOBODYS, FakeService

NEW = "Brand-new-horse-8"


class Someone:
    """Answers in turn, and remembers what was asked and told."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []
        self.told: list[str] = []

    def ask(self, label: str) -> str:
        self.asked.append(label)
        return self.answers.pop(0)

    def ask_secret(self, label: str) -> str:
        return self.ask(f"{label} (hidden)")

    def tell(self, line: str) -> None:
        self.told.append(line)


def run(service: FakeService, *args: str, typed: str = "") -> Result:
    return CliRunner().invoke(app, [*args, "--api", service.url], input=typed, catch_exceptions=False)


def login(service: FakeService, password: str = PASSWORD) -> Result:
    return run(service, "login", "--username", "ada", "--password-stdin", typed=f"{password}\n")


def kept() -> dict[str, Any]:
    path = Path(os.environ["DELINEATE_CREDENTIALS"])
    held: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return held


def test_a_password_from_stdin_signs_in_and_calls_are_let_in(
    service: FakeService, issuer: FakeIssuer
) -> None:
    job = service.create([70000])
    assert run(service, "status", job.id).exit_code == 3
    result = login(service)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == f"Signed in to {service.url}.\n"
    assert run(service, "status", job.id).exit_code == 0
    assert Path(os.environ["DELINEATE_CREDENTIALS"]).stat().st_mode & 0o777 == 0o600
    assert PASSWORD not in json.dumps(kept())
    assert "id-token" not in json.dumps(kept())


def test_it_asks_for_what_was_not_given_and_hides_the_password(
    service: FakeService, issuer: FakeIssuer
) -> None:
    someone = Someone("ada", PASSWORD)
    signing_in.sign_in(service.url, None, None, someone)
    assert someone.asked == ["User name", "Password of ada (hidden)"]
    assert service.url in kept()


def test_a_new_password_and_a_code_are_asked_for_and_a_slip_is_mended(
    service: FakeService, issuer: FakeIssuer
) -> None:
    issuer.challenges = ["NEW_PASSWORD_REQUIRED", "SOFTWARE_TOKEN_MFA"]
    someone = Someone(NEW, "else", "short", "short", NEW, NEW, "999999", issuer.code)
    signing_in.sign_in(service.url, "ada", PASSWORD, someone)
    assert issuer.passwords["ada"] == NEW
    assert someone.answers == []
    assert "These two differ." in someone.told
    assert "That code is not right." in someone.told
    assert any("Password not long enough" in line for line in someone.told)
    assert someone.asked[-1] == "Code of your authenticator app"
    assert service.url in kept()


def test_a_code_that_stays_wrong_ends_the_sign_in(service: FakeService, issuer: FakeIssuer) -> None:
    issuer.challenges = ["SOFTWARE_TOKEN_MFA"]
    with pytest.raises(SignInFailed, match="That code is not right"):
        signing_in.sign_in(service.url, "ada", PASSWORD, Someone("1", "2", "3"))
    assert kept() == {}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("NotAuthorizedException", "Incorrect username or password."),
        ("UserNotFoundException", "The user name or the password is wrong."),
        ("PasswordResetRequiredException", "The password of this account must be reset first."),
        ("UserNotConfirmedException", "This account has not been confirmed yet."),
        ("TooManyRequestsException", "The sign-in service is busy: try again in a little while."),
        ("OddException", "The sign-in service refused: Incorrect username or password (OddException)."),
    ],
)
def test_a_refused_sign_in_is_one_sentence(
    service: FakeService, issuer: FakeIssuer, name: str, said: str
) -> None:
    issuer.errors = [(name, "Incorrect username or password.")]
    result = login(service)
    assert (result.exit_code, result.stdout, result.stderr) == (3, "", f"delineate: {said}\n")
    assert kept() == {}


def test_a_challenge_that_nobody_knows_is_named(service: FakeService, issuer: FakeIssuer) -> None:
    issuer.challenges = ["DANCE\x1b"]
    result = login(service)
    assert result.exit_code == 3
    assert "asks for DANCE , which this client cannot answer" in result.stderr


def test_a_service_that_asks_for_no_sign_in_says_so(service: FakeService) -> None:
    for service.auth in (None, {"mode": "none"}):
        result = run(service, "login")
        assert (result.exit_code, result.stdout) == (0, f"{service.url} asks for no sign-in.\n")


@pytest.mark.parametrize("auth", [{"mode": "cognito"}, {"mode": "oidc"}, {"mode": "palm-reading"}])
def test_a_way_that_cannot_be_gone_is_told(service: FakeService, auth: dict[str, str]) -> None:
    service.auth = auth
    result = run(service, "login", "--username", "ada")
    assert result.exit_code == 3
    assert "The service " in result.stderr


def test_no_password_goes_over_plain_http(service: FakeService, issuer: FakeIssuer) -> None:
    service.auth = issuer.cognito | {"endpoint": "http://cognito.example"}
    someone = Someone("ada", PASSWORD)
    with pytest.raises(SignInFailed, match=r"No token or password is sent to http://cognito\.example"):
        signing_in.sign_in(service.url, None, None, someone)
    assert someone.asked == []
    with pytest.raises(SignInFailed, match="Use https"):
        signing_in.sign_in("http://api.example", "ada", PASSWORD, someone)


def test_a_file_that_others_can_read_is_told_before_anything_is_typed(
    service: FakeService, issuer: FakeIssuer
) -> None:
    login(service)
    Path(os.environ["DELINEATE_CREDENTIALS"]).chmod(0o644)
    someone = Someone("ada", PASSWORD)
    with pytest.raises(CredentialsFault, match="Others can read"):
        signing_in.sign_in(service.url, None, None, someone)
    assert someone.asked == []


def test_a_device_code_is_shown_and_asked_about_ever_more_slowly(issuer: FakeIssuer) -> None:
    issuer.device_errors = ["authorization_pending", "slow_down", "authorization_pending"]
    provider = oidc.discover(Issuer(mode="oidc", url=issuer.url, client_id=CLIENT))
    someone, slept = Someone(), list[float]()
    grant = device_flow.sign_in(provider, someone, slept.append)
    assert slept == [1, 1, 6, 6]
    assert grant.access_token in issuer.valid
    assert someone.told[0] == f"Open {issuer.url}/activate and enter WDJB-MJHT"
    assert {form["client_id"] for form in issuer.forms} == {CLIENT}
    assert issuer.forms[-1]["device_code"] == "device-1"


@pytest.mark.parametrize(("error", "said"), [("access_denied", "declined"), ("expired_token", "has expired")])
def test_a_device_code_that_is_not_confirmed(issuer: FakeIssuer, error: str, said: str) -> None:
    issuer.device_errors = [error]
    provider = oidc.discover(Issuer(mode="oidc", url=issuer.url, client_id=CLIENT))
    with pytest.raises(SignInFailed, match=said):
        device_flow.sign_in(provider, Someone(), lambda _: None)


def test_a_device_code_ends_with_its_time(issuer: FakeIssuer) -> None:
    issuer.device_errors = ["authorization_pending"] * 100
    provider = oidc.discover(Issuer(mode="oidc", url=issuer.url, client_id=CLIENT))
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    with pytest.raises(SignInFailed, match="has expired"):
        device_flow.sign_in(provider, Someone(), sleep, lambda: now[0])
    assert now == [60]


def test_a_browser_sign_in_by_the_command(service: FakeService, issuer: FakeIssuer) -> None:
    service.auth = issuer.oidc
    result = run(service, "login")
    assert result.exit_code == 0
    assert "WDJB-MJHT" in result.stderr
    assert run(service, "token").stdout.strip() in issuer.valid


def test_an_issuer_without_device_codes_points_to_the_variable(
    service: FakeService, issuer: FakeIssuer
) -> None:
    service.auth, issuer.offers_devices = issuer.oidc, False
    result = run(service, "login")
    assert result.exit_code == 3
    assert "set DELINEATE_TOKEN" in result.stderr


def test_a_discovery_document_of_another_issuer_is_not_followed(
    service: FakeService, issuer: FakeIssuer
) -> None:
    service.auth, issuer.named = issuer.oidc, "https://evil.example"
    result = run(service, "login")
    assert result.exit_code == 3
    assert "is of another issuer" in result.stderr


@pytest.mark.parametrize("mode", ["cognito", "oidc"])
def test_logout_forgets_and_revokes(service: FakeService, issuer: FakeIssuer, mode: str) -> None:
    service.auth = issuer.cognito if mode == "cognito" else issuer.oidc
    assert (login(service) if mode == "cognito" else run(service, "login")).exit_code == 0
    assert issuer.refreshers
    result = run(service, "logout")
    assert (result.exit_code, result.stdout) == (0, f"Signed out of {service.url}.\n")
    assert kept() == {}
    assert issuer.refreshers == set()
    assert run(service, "logout").stdout == f"Nobody was signed in to {service.url}.\n"
    assert run(service, "token").exit_code == 3


def test_logout_forgets_even_when_the_issuer_cannot_be_asked(
    service: FakeService, issuer: FakeIssuer
) -> None:
    login(service)
    issuer.status = 503
    result = run(service, "logout")
    assert (result.exit_code, kept()) == (0, {})
    assert "Forgotten here, but not revoked" in result.stderr


def test_token_prints_one_that_is_good(service: FakeService, issuer: FakeIssuer) -> None:
    result = run(service, "token")
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr == "delineate: Sign in first: `delineate login`.\n"
    login(service)
    assert run(service, "token").stdout.strip() in issuer.valid


def test_a_given_token_wins_and_is_not_kept(
    service: FakeService, issuer: FakeIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    login(service)
    before = kept()
    monkeypatch.setenv("DELINEATE_TOKEN", "given-token")
    assert run(service, "token").stdout == "given-token\n"
    result = run(service, "status", service.create([70000]).id)
    assert (result.exit_code, service.authorizations[-1][1]) == (3, "Bearer given-token")
    assert (
        result.stderr == "delineate: The service does not take the token in DELINEATE_TOKEN: has it ended?\n"
    )
    assert kept() == before
    assert "wins over any sign-in" in run(service, "logout").stderr


def test_a_given_token_that_is_none_is_not_repeated(
    service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DELINEATE_TOKEN", "two words\x07")
    result = run(service, "status", NOBODYS)
    assert result.exit_code == 3
    assert result.stderr == "delineate: DELINEATE_TOKEN is not a token.\n"


def test_at_a_terminal_the_password_does_not_show(service: FakeService, issuer: FakeIssuer) -> None:
    ours, theirs = pty.openpty()
    program = "from delineate.cli.app import app; app(prog_name='delineate')"
    command = [sys.executable, "-c", program, "login", "--api", service.url]
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    ) as shown:
        os.close(theirs)
        screen = _until(ours, "User name: ")
        os.write(ours, b"ada\n")
        screen += _until(ours, "Password of ada: ")
        os.write(ours, PASSWORD.encode() + b"\n")
        screen += _until(ours, "Signed in")
        assert shown.wait(20) == 0
    os.close(ours)
    assert PASSWORD not in screen


def test_without_a_terminal_nobody_can_be_asked(service: FakeService, issuer: FakeIssuer) -> None:
    program = "from delineate.cli.app import app; app(prog_name='delineate')"
    command = [sys.executable, "-c", program, "login", "--api", service.url, "--username", "ada"]
    ended = subprocess.run(
        command, check=False, capture_output=True, stdin=subprocess.DEVNULL, start_new_session=True, text=True
    )
    assert ended.returncode == 3
    assert ended.stderr == "delineate: There is no terminal to ask for the password of ada.\n"


def _until(descriptor: int, text: str) -> str:
    screen = ""
    while text not in screen:
        screen += os.read(descriptor, 1 << 12).decode()
    return screen


def test_a_new_password_may_stand_on_the_next_line_of_stdin(service: FakeService, issuer: FakeIssuer) -> None:
    issuer.challenges = ["NEW_PASSWORD_REQUIRED"]
    result = run(service, "login", "--username", "ada", "--password-stdin", typed=f"{PASSWORD}\n{NEW}\n")
    assert (result.exit_code, result.stdout) == (0, f"Signed in to {service.url}.\n")
    assert result.stderr == "This account needs a new password.\n"


def test_a_new_password_that_stdin_lacks_is_asked_for_in_words(
    service: FakeService, issuer: FakeIssuer
) -> None:
    issuer.challenges = ["NEW_PASSWORD_REQUIRED"]
    result = login(service)
    assert result.exit_code == 3
    assert "New password is asked for, and no further line of stdin has it." in result.stderr


def test_where_nobody_signs_in_there_is_no_token_and_no_need_of_one(service: FakeService) -> None:
    result = run(service, "token")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == f"{service.url} asks for no sign-in: there is no token to send.\n"
