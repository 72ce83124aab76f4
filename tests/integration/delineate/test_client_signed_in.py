"""A whole job as somebody: where the token goes, where it never goes, and what is said without one."""

import json
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner, Result
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

from delineate.api import Api
from delineate.auth.bearer import Bearer
from delineate.auth.tokens import GivenToken
from delineate.cli import signed_in
from delineate.cli.app import app
from delineate.errors import SignInFailed, SignInNeeded
from delineate.progress import JobState
from delineate.watching import handshake
from delineate.watching.watch import Patience, Watch
from tests.integration.delineate.fake_issuer import PASSWORD, FakeIssuer
from tests.integration.delineate.fake_service import NOBODYS, FakeService, error

IDS = ["70000", "70007", "70014"]
QUICK = Patience(first_pause=0.001, poll=0.001, poll_shortest=0)


@pytest.fixture
def run(service: FakeService, issuer: FakeIssuer, tmp_path: Path) -> Callable[..., Result]:
    def invoke(*args: str, typed: str = "") -> Result:
        out = ["--out", str(tmp_path)] if args[0] == "get" else []
        return CliRunner().invoke(
            app, [*args, *out, "--api", service.url], input=typed, catch_exceptions=False
        )

    return invoke


@pytest.fixture
def login(run: Callable[..., Result]) -> Callable[[], None]:
    def sign_in() -> None:
        result = run("login", "--username", "ada", "--password-stdin", typed=f"{PASSWORD}\n")
        assert result.exit_code == 0

    return sign_in


class Renewable:
    """Tokens of the fake issuer without a file."""

    def __init__(self, issuer: FakeIssuer) -> None:
        self.issuer = issuer
        self.token = issuer.issue()[0]
        self.renewals = 0

    def current(self) -> str | None:
        return self.token

    def renewed(self, refused: str) -> str | None:
        self.renewals += 1
        self.token = self.issuer.issue()[0]
        return self.token


def watched(service: FakeService, tokens: Renewable) -> list[str]:
    notes: list[str] = []
    job = service.create([70_000 + n for n in range(6)])
    with Api(service.url, sleep=lambda _: None, tokens=tokens) as api:
        states = list(Watch(api, JobState.new(job.id, 6), notes.append, QUICK).states())
    assert len(states[-1].results) == 6
    return notes


def test_the_token_goes_with_every_call_and_handshake_and_never_to_the_storage(
    service: FakeService,
    run: Callable[..., Result],
    login: Callable[[], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    login()
    asked_before = len(service.authorizations)
    result = run("get", *IDS, "--json")
    assert result.exit_code == 0
    sent = service.authorizations[asked_before:]
    assert {authorization for _, authorization in sent} == {"Bearer access-1"}
    assert "ws" in {kind for kind, _ in sent}
    assert service.storage.headers
    assert not any("authorization" in headers for headers in service.storage.headers)
    assert not any("access-1" in json.dumps(headers) for headers in service.storage.headers)
    # Nor to whoever reads what the program writes, however talkative its logs are.
    assert "websocket" in caplog.text or "HTTP Request" in caplog.text
    for secret in ("access-1", "refresh-1", PASSWORD):
        assert secret not in caplog.text + result.output


def test_without_a_sign_in_one_sentence_says_what_to_do(
    service: FakeService, run: Callable[..., Result]
) -> None:
    for shape in (401, {"message": "Unauthorized"}, {}), error(401, "UNAUTHENTICATED", "No token came."):
        service.tokens = None
        service.refuse = [shape]
        result = run("get", *IDS, "--json")
        assert result.exit_code == 3
        assert result.stderr == "delineate: Sign in first: `delineate login`.\n"
        assert json.loads(result.stdout)["error"]["code"] == "UNAUTHENTICATED"


def test_a_sign_in_that_ends_halfway_says_how_to_go_on(
    service: FakeService, issuer: FakeIssuer, run: Callable[..., Result], login: Callable[[], None]
) -> None:
    login()
    service.websocket, service.halt_at = False, 0

    def end(_job: object) -> None:
        issuer.valid.clear()
        issuer.refreshers.clear()

    service.on_status = end
    result = run("get", *IDS)
    assert result.exit_code == 3
    assert "Sign in first: `delineate login`." in result.stderr
    assert f"delineate get --job {next(iter(service.jobs))} --out" in result.stderr


def test_links_that_are_refused_end_the_run_instead_of_failing_every_file(
    service: FakeService, issuer: FakeIssuer, run: Callable[..., Result], login: Callable[[], None]
) -> None:
    login()

    def ends(_file_id: int) -> int:
        issuer.valid.clear()
        issuer.refreshers.clear()
        return 1000

    # The connection for updates is made before the first file is prepared.
    service.size, service.watchers = ends, 1
    result = run("get", *IDS)
    assert result.exit_code == 3
    assert "delineate: Sign in first: `delineate login`." in result.stderr
    assert "Pick up again with:" in result.stderr
    assert "failed" not in result.stderr


def test_a_connection_whose_token_ends_is_made_again_with_a_new_one_quietly(
    service: FakeService, issuer: FakeIssuer
) -> None:
    tokens = Renewable(issuer)
    service.expiries, service.watchers = 1, 2
    assert watched(service, tokens) == []
    sent = [authorization for kind, authorization in service.authorizations if kind == "ws"]
    assert sent == ["Bearer access-1", "Bearer access-2"]
    assert service.asked["GET /v1/download/status"] == 0


def test_a_handshake_that_is_refused_renews_once(service: FakeService, issuer: FakeIssuer) -> None:
    tokens = Renewable(issuer)
    # The entry is open, so that only the handshake can find out.
    tokens.token = "stale"
    assert watched(service, tokens) == []
    assert tokens.renewals == 1
    assert [sent for kind, sent in service.authorizations if kind == "ws"] == [
        "Bearer stale",
        "Bearer access-2",
    ]


def test_a_websocket_that_takes_no_token_leaves_it_to_polling(
    service: FakeService, issuer: FakeIssuer
) -> None:
    tokens = Renewable(issuer)
    service.admits = False
    assert watched(service, tokens) == [
        "No live updates (the sign-in was not accepted); asking for the status instead."
    ]
    assert tokens.renewals == 1


def test_nobody_signed_in_is_told_after_the_fall_back(service: FakeService, issuer: FakeIssuer) -> None:
    with Api(service.url, sleep=lambda _: None) as api, pytest.raises(SignInNeeded):
        list(Watch(api, JobState.new("j", 1), lambda _: None, QUICK).states())


def test_no_token_goes_to_a_websocket_that_is_not_encrypted(service: FakeService, issuer: FakeIssuer) -> None:
    service.fixed_ws_url = "ws://updates.example/live"
    notes = watched(service, Renewable(issuer))
    assert notes == [
        "No live updates (its address is not encrypted, and a token may not go there); "
        "asking for the status instead."
    ]
    with pytest.raises(handshake.Refused), handshake.connection("ws://updates.example", "token"):
        pass


def test_a_handshake_that_is_sent_elsewhere_does_not_take_the_token_along() -> None:
    sent: list[str | None] = []

    def refuse(socket: ServerConnection, request: Request) -> Response:
        sent.append(request.headers.get("authorization"))
        return socket.respond(401, "")

    with _answering(refuse) as elsewhere:

        def redirect(socket: ServerConnection, request: Request) -> Response:
            sent.append(request.headers.get("authorization"))
            response = socket.respond(307, "")
            response.headers["location"] = elsewhere
            return response

        gone = pytest.raises((handshake.TokenEnded, handshake.ConnectionLost))
        with _answering(redirect) as url, gone, handshake.connection(url, "access-1"):
            pass
    assert sent[0] == "Bearer access-1"
    assert sent[1:] in ([], [None])


@contextmanager
def _answering(answer: Callable[[ServerConnection, Request], Response]) -> Iterator[str]:
    with serve(lambda _: None, "127.0.0.1", 0, process_request=answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}/"


def test_no_token_goes_over_plain_http(monkeypatch: pytest.MonkeyPatch, issuer: FakeIssuer) -> None:
    monkeypatch.setenv("DELINEATE_TOKEN", "given-token")
    result = CliRunner().invoke(app, ["status", NOBODYS, "--api", "http://api.example"])
    assert result.exit_code == 3
    assert "No token or password is sent to http://api.example" in result.stderr
    assert "given-token" not in result.output


@pytest.mark.parametrize("code", ["RATE_LIMITED", "TOO_MANY_OPEN_JOBS"])
def test_a_limit_that_outlasts_the_retries_says_how_long_to_wait(
    service: FakeService, run: Callable[..., Result], code: str
) -> None:
    status, body, _ = error(429, code, "That is too much.")
    service.tokens = None
    service.refuse = [(status, body, {"retry-after": "90"})]
    result = run("get", *IDS)
    assert result.exit_code == 3
    assert result.stderr == (
        f"delineate: That is too much; try again in 1 min 30 s ({code}, request req-1).\n"
    )
    assert service.jobs == {}


def test_a_wait_that_the_service_asks_for_is_told(
    service: FakeService, run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signed_in, "SILENT_WAIT_SECONDS", 1.0)
    status, body, _ = error(429, "RATE_LIMITED", "That is too much.")
    service.tokens = None
    service.refuse = [(status, body, {"retry-after": "1"})]
    result = run("get", *IDS)
    assert result.exit_code == 0
    assert result.stderr.startswith("The service asks for patience: trying again in 1 s.\n")


def test_a_redirect_to_another_host_does_not_take_the_token_along() -> None:
    sent: list[tuple[str, str | None]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append((request.url.host, request.headers.get("authorization")))
        there = httpx.Response(307, headers={"location": "https://elsewhere.example/"})
        return there if request.url.host == "api.example" else httpx.Response(200)

    auth = Bearer(GivenToken("given-token"), "https://api.example")
    transport = httpx.MockTransport(answer)
    with httpx.Client(transport=transport, auth=auth, follow_redirects=True) as client:
        client.get("https://api.example/")
        client.get("https://elsewhere.example/")
    assert sent == [("api.example", "Bearer given-token")] + [("elsewhere.example", None)] * 2


def test_plain_http_is_refused_before_anything_is_sent() -> None:
    auth = Bearer(GivenToken("given-token"), "http://api.example")
    transport = httpx.MockTransport(lambda _: pytest.fail("it was sent"))
    with httpx.Client(transport=transport, auth=auth) as client, pytest.raises(SignInFailed):
        client.get("http://api.example/")
