"""The smoke test of a deployed stack: what the public sees, and one small job where somebody is signed in."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from infra_cdk.aws.account import Check, Verdict
from infra_cdk.config import Config

CLIENT = str(Path(sys.executable).parent / "delineate")
TIMEOUT_S = 30
TRIES, PAUSE_S = 5, 3
"""A new API may answer 404 or 5xx for some seconds after CloudFormation has called it complete."""

JOB_SECONDS = 180
NO_SUCH_FILE = "NOT_FOUND"
NOT_YOURS = "FORBIDDEN"
OPEN = "Look at AUTH_MODE and the routes' authorizers before anybody else does."
STORY = "`delineate admin job JOB --stack STACK` tells what became of it."
LOGS = "Look at the function's log, and at docs/runbook.md."


@dataclass(frozen=True, slots=True)
class Given:
    """Whom the job is asked as, by the client's own variables, and for which file: None is any id.

    `edge_url` is the API's other address, by CloudFront, where there is one.
    """

    variables: Mapping[str, str]
    file_id: int | None = None
    edge_url: str | None = None

    def signed_in(self, token: str | None) -> "Given":
        """With this access token; as before where there is none."""
        return replace(self, variables={**self.variables, "DELINEATE_TOKEN": token}) if token else self


def smoke(
    api_url: str, config: Config, given: Given, pause: Callable[[float], None] = time.sleep
) -> list[Check]:
    """A check a route, and of one job; stops at the first that fails, for the rest would only repeat it."""
    with httpx.Client(base_url=api_url, timeout=TIMEOUT_S) as http:
        steps: tuple[Callable[[], Check], ...] = (
            lambda: _health(http, pause),
            lambda: _document(http),
            lambda: _closed(http, config),
            *([lambda: _edge(edge, pause)] if (edge := given.edge_url) else []),
            lambda: _job(api_url, config, given),
        )
        checks: list[Check] = []
        for step in steps:
            checks.append(step())
            if checks[-1].verdict is Verdict.FAIL:
                break
    return checks


def _ask(http: httpx.Client, path: str) -> httpx.Response | str:
    """The answer, or why there was none."""
    try:
        return http.get(path)
    except httpx.HTTPError as fault:
        return f"{type(fault).__name__}: {fault}"


def _edge(edge_url: str, pause: Callable[[float], None]) -> Check:
    with httpx.Client(base_url=edge_url, timeout=TIMEOUT_S) as http:
        return _health(http, pause, "GET /health by the edge")


def _health(http: httpx.Client, pause: Callable[[float], None], name: str = "GET /health") -> Check:
    for tries_left in reversed(range(TRIES)):
        reply = _ask(http, "/health")
        if not isinstance(reply, str) and reply.status_code == httpx.codes.OK:
            return Check(name, Verdict.OK, ", ".join(_json(reply).get("checks", {})))
        if tries_left:
            pause(PAUSE_S)
    found = reply if isinstance(reply, str) else f"{reply.status_code} {reply.text[:300]}"
    return Check(name, Verdict.FAIL, found, f"`checks` names what is down. {LOGS}")


def _document(http: httpx.Client) -> Check:
    name, reply = "GET /openapi.json", _ask(http, "/openapi.json")
    paths = {} if isinstance(reply, str) else _json(reply).get("paths", {})
    if paths:
        return Check(name, Verdict.OK, f"{len(paths)} paths")
    return Check(name, Verdict.FAIL, reply if isinstance(reply, str) else str(reply.status_code), LOGS)


def _closed(http: httpx.Client, config: Config) -> Check:
    name, reply = "GET /v1/downloads, signed out", _ask(http, "/v1/downloads")
    wanted = httpx.codes.OK if config.auth_mode == "none" else httpx.codes.UNAUTHORIZED
    if not isinstance(reply, str) and reply.status_code == wanted:
        return Check(name, Verdict.OK, f"{int(wanted)}, as AUTH_MODE={config.auth_mode} wants")
    found = reply if isinstance(reply, str) else str(reply.status_code)
    return Check(
        name,
        Verdict.FAIL,
        f"{found}, where {int(wanted)} is right",
        OPEN,
    )


def _job(api_url: str, config: Config, given: Given) -> Check:
    """One file through API, queue, worker, store and table; one that is missing shows the way as well."""
    name = "a job of one file"
    variables = {**given.variables, "DELINEATE_API_URL": api_url}
    if _run(["token"], variables).returncode != 0:
        found = "not tried: nobody is signed in, so only public routes were"
        return Check(
            name, Verdict.UNKNOWN, found, f"DELINEATE_API_URL={api_url} delineate login, or DELINEATE_TOKEN."
        )
    file_id = given.file_id or config.min_file_id
    with TemporaryDirectory() as folder:
        done = _run(["get", str(file_id), "--out", folder, "--json"], variables)
    return _judged(name, done, file_id, _missed(config, given))


def _missed(config: Config, given: Given) -> dict[str, str]:
    """The errors that are as good as the file, unless it was named: the way to them is the same."""
    if given.file_id is not None:
        return {}
    none = {NO_SUCH_FILE: "is not in the bucket"}
    return (
        none | {NOT_YOURS: f"was refused, as where {config.files_claim} does not name it"}
        if config.files_claim
        else none
    )


def _judged(
    name: str, done: subprocess.CompletedProcess[str], file_id: int, missed: Mapping[str, str]
) -> Check:
    try:
        told = json.loads(done.stdout)
    except ValueError:
        told = {}
    (file,) = told.get("files") or [{}]
    if done.returncode == 0:
        return Check(name, Verdict.OK, f"{file_id} came, {told['bytes']:,} bytes, job {told['jobId']}")
    if why := missed.get(file.get("errorCode", "")):
        found = f"ended; {file_id} {why}, job {told['jobId']}"
        return Check(name, Verdict.OK, f"{found}. SMOKE_FILE=ID asks for one that is")
    found = file.get("error") or (done.stderr.strip().splitlines() or ["no answer"])[-1]
    return Check(name, Verdict.FAIL, f"{file_id}: {found}", STORY)


def _run(words: list[str], variables: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    command = [CLIENT, *words]
    try:
        return subprocess.run(  # noqa: S603 # our own command
            command,
            env=dict(variables),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=JOB_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 1, "", f"no end within {JOB_SECONDS} s")


def _json(reply: httpx.Response) -> dict[str, Any]:
    try:
        found = reply.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
