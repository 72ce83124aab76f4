"""The smoke test against a small server that answers as a deployed stack might, right or wrong."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from subprocess import CompletedProcess
from threading import Thread

import pytest
from botocore.exceptions import ClientError

from infra_cdk.aws import smoke
from infra_cdk.aws.account import Verdict
from infra_cdk.aws.visitor import visited
from infra_cdk.config import for_stage

Answers = dict[str, tuple[int, object]]
WELL: Answers = {
    "/health": (200, {"status": "healthy", "checks": {"storage": "ok", "table": "ok"}}),
    "/openapi.json": (200, {"paths": {"/health": {}}}),
    "/v1/downloads": (401, {"message": "Unauthorized"}),
    "/": (200, {"auth": {"mode": "cognito"}}),
}
DEV = for_stage("dev")


@contextmanager
def stack(answers: Answers) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = answers.get(self.path, (404, {}))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def given(folder: Path, **more: str) -> smoke.Given:
    """Nobody's variables: no sign-in of whoever runs this is found."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("DELINEATE_")}
    return smoke.Given({**plain, "DELINEATE_CREDENTIALS": str(folder / "credentials.json"), **more})


def test_signed_out_only_public_routes_are_tried_and_that_is_said(tmp_path: Path) -> None:
    with stack(WELL) as url:
        checks = smoke.smoke(url, DEV, given(tmp_path), lambda _: None)
    assert [check.verdict for check in checks] == [*[Verdict.OK] * 3, Verdict.UNKNOWN]
    assert checks[0].found == "storage, table"
    assert "only public routes" in checks[-1].found
    assert "delineate login" in checks[-1].remedy


def test_a_stack_that_is_not_well_is_asked_again_and_then_named(tmp_path: Path) -> None:
    sick = {**WELL, "/health": (503, {"status": "unhealthy", "checks": {"storage": "error"}})}
    waits: list[float] = []
    with stack(sick) as url:
        (check,) = smoke.smoke(url, DEV, given(tmp_path), waits.append)
    assert check.verdict is Verdict.FAIL
    assert '"storage": "error"' in check.found
    assert waits == [smoke.PAUSE_S] * (smoke.TRIES - 1)


def test_a_stack_that_shows_jobs_to_anybody_fails(tmp_path: Path) -> None:
    with stack({**WELL, "/v1/downloads": (200, {"jobs": []})}) as url:
        checks = smoke.smoke(url, DEV, given(tmp_path), lambda _: None)
        assert (checks[-1].verdict, checks[-1].found) == (Verdict.FAIL, "200, where 401 is right")
        anybody = smoke.smoke(url, for_stage("dev", auth_mode="none"), given(tmp_path), lambda _: None)
        assert anybody[2].verdict is Verdict.OK


def test_an_address_where_nothing_answers_fails(tmp_path: Path) -> None:
    (check,) = smoke.smoke("http://127.0.0.1:9", DEV, given(tmp_path), lambda _: None)
    assert check.verdict is Verdict.FAIL
    assert "ConnectError" in check.found


def ended(code: int, *files: dict[str, object], said: str = "") -> CompletedProcess[str]:
    document = {"jobId": "8ae4", "bytes": 4212, "files": list(files)}
    return CompletedProcess([], code, json.dumps(document) if files else "", said)


MISSING: dict[str, object] = {
    "errorCode": "NOT_FOUND",
    "error": "There is no file with this id in the store.",
}


@pytest.mark.parametrize(
    ("done", "wanted", "verdict", "words"),
    [
        (ended(0, {"status": "saved"}), True, Verdict.OK, "70000 came, 4,212 bytes, job 8ae4"),
        (ended(1, MISSING), False, Verdict.OK, "ended; 70000 is not in the bucket, job 8ae4"),
        (ended(1, MISSING), True, Verdict.FAIL, "70000: There is no file with this id"),
        (
            ended(1, {"errorCode": "FORBIDDEN", "error": "Not yours."}),
            False,
            Verdict.FAIL,
            "70000: Not yours.",
        ),
        (ended(3, said="first\nrefused"), False, Verdict.FAIL, "70000: refused"),
    ],
)
def test_a_job_counts_when_its_file_came_or_was_rightly_missed(
    done: CompletedProcess[str], wanted: bool, verdict: Verdict, words: str
) -> None:
    given = smoke.Given({}, 70000 if wanted else None)
    check = smoke._judged("job", done, 70000, smoke._missed(DEV, given))
    assert check.verdict is verdict
    assert words in check.found


@pytest.mark.parametrize(("file_id", "verdict"), [(None, Verdict.OK), (70000, Verdict.FAIL)])
def test_with_files_of_ones_own_anothers_is_rightly_refused(file_id: int | None, verdict: Verdict) -> None:
    owned = for_stage("dev", files_claim="files")
    done = ended(1, {"errorCode": "FORBIDDEN", "error": "Not yours."})
    check = smoke._judged("job", done, 70000, smoke._missed(owned, smoke.Given({}, file_id)))
    assert check.verdict is verdict


def test_where_there_is_an_edge_it_is_tried_too(tmp_path: Path) -> None:
    by_edge = {"/api/health": WELL["/health"]}
    asked = given(tmp_path)
    with stack(WELL) as url, stack(by_edge) as edge:
        good, bad = (
            smoke.smoke(url, DEV, replace(asked, edge_url=f"{edge}{path}"), lambda _: None)
            for path in ("/api", "")
        )
    assert (good[3].name, good[3].verdict) == ("GET /health by the edge", Verdict.OK)
    assert (bad[-1].name, bad[-1].verdict) == ("GET /health by the edge", Verdict.FAIL)


POOL = {"UserPoolId": "eu-central-1_a", "UserPoolClientId": "c1"}
GOOD = smoke.Check("a job of one file", Verdict.OK, "ended")


class Cognito:
    """A pool that takes one user in, or fails at one call."""

    def __init__(self, fails_at: str = "", code: str = "AccessDeniedException") -> None:
        self.users: list[str] = []
        self._fails_at, self._fault = fails_at, {"Error": {"Code": code, "Message": "no"}}
        self.reply: dict[str, object] = {"AuthenticationResult": {"AccessToken": "token"}}

    def __call__(self, service: str) -> "Cognito":
        assert service == "cognito-idp"
        return self

    def _asked(self, call: str) -> None:
        if call == self._fails_at:
            raise ClientError(self._fault, call)  # type: ignore[arg-type] # as much of it as is read

    def admin_create_user(self, **asked: object) -> None:
        self._asked("AdminCreateUser")
        self.users.append(str(asked["Username"]))

    def initiate_auth(self, **_: object) -> dict[str, str]:
        return {"Session": "s"}

    def respond_to_auth_challenge(self, **_: object) -> dict[str, object]:
        return self.reply

    def delete_user(self, **asked: object) -> None:
        self._asked("DeleteUser")
        assert asked == {"AccessToken": "token"}
        self.users.pop()


def tried(cognito: Cognito, outputs: dict[str, str] = POOL) -> tuple[list[str | None], list[smoke.Check]]:
    tokens: list[str | None] = []

    def trial(token: str | None) -> list[smoke.Check]:
        tokens.append(token)
        return [GOOD]

    return tokens, visited(outputs, cognito, trial)


def test_the_smoke_test_has_a_user_of_its_own_who_is_gone_after() -> None:
    cognito = Cognito()
    assert tried(cognito) == (["token"], [GOOD])
    assert cognito.users == []


def test_where_the_stack_has_no_pool_nobody_is_made() -> None:
    assert tried(Cognito("AdminCreateUser"), {}) == ([None], [GOOD])


@pytest.mark.parametrize(
    ("cognito", "tokens", "verdict", "words"),
    [
        (Cognito("AdminCreateUser"), [None], Verdict.UNKNOWN, "takes cognito-idp:AdminCreateUser"),
        (Cognito("AdminCreateUser", "InternalErrorException"), [None], Verdict.FAIL, "may be left"),
        (Cognito("DeleteUser", "TooManyRequestsException"), ["token"], Verdict.WARN, "may be left"),
    ],
)
def test_a_user_who_cannot_be_made_or_deleted_is_told(
    cognito: Cognito, tokens: list[str | None], verdict: Verdict, words: str
) -> None:
    given, checks = tried(cognito)
    assert given == tokens
    assert (checks[0], checks[1].verdict) == (GOOD, verdict)
    assert words in checks[1].remedy


def test_a_pool_that_asks_for_a_second_factor_is_named() -> None:
    cognito = Cognito()
    cognito.reply = {"ChallengeName": "MFA_SETUP"}
    tokens, checks = tried(cognito)
    assert (tokens, checks[1].verdict) == ([None], Verdict.FAIL)
    assert "MFA_SETUP" in checks[1].found
