"""API8:2023. Every answer says how browsers must treat it, and foreign pages get none that they may read."""

import re
from collections.abc import Callable

import httpx
import pytest

from tests.browser import chromium
from tests.e2e.conftest import Service
from tests.security.conftest import TRUSTED
from tests.security.doors import UNKNOWN

STANDARD = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
}
BREAK_IN = """() => {
  const script = document.createElement("script");
  script.textContent = "window.broken = 1";
  document.body.append(script);
  return window.broken === 1;
}"""
Answer = Callable[[Service, str], httpx.Response]


def get(path: str, **headers: str) -> Answer:
    return lambda user, job: user.http.get(path.format(job), headers=headers)


ANSWERS: dict[str, tuple[int, Answer]] = {
    "root": (200, get("/")),
    "health": (200, get("/health")),
    "document": (200, get("/openapi.json")),
    "documentation": (200, get("/docs")),
    "list": (200, get("/v1/downloads")),
    "status": (200, get("/v1/download/status/{}")),
    "links": (200, get("/v1/download/{}")),
    "manifest": (200, get("/v1/download/{}?format=metalink")),
    "redirect": (302, get("/v1/download/{}?file_id=70000&redirect=true")),
    "events": (200, get("/v1/download/progress/{}")),
    "accepted": (202, lambda user, _: user.http.post("/v1/download/initiate", json={"file_ids": [70000]})),
    "ticket": (201, lambda user, job: user.http.post(f"/v1/download/{job}/ticket")),
    "old call": (200, lambda user, _: user.http.post("/v1/download/start", json={"file_id": 70000})),
    "not signed in": (
        401,
        lambda user, job: user.http.get(f"/v1/download/progress/{job}", headers={"authorization": "no"}),
    ),
    "no such job": (404, get(f"/v1/download/{UNKNOWN}")),
    "no such address": (404, get("/nowhere")),
    "not by this method": (405, get("/v1/download/initiate")),
    "ended": (409, lambda user, job: user.http.delete(f"/v1/download/{job}")),
    "not legal": (422, get("/v1/download/x")),
    "no JSON": (400, lambda user, _: user.http.post("/v1/download/check", content=b"{")),
    "too large": (400, lambda user, _: user.http.post("/v1/download/check", content=b" " * 300_000)),
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_every_kind_of_answer_has_the_headers(alice: Service, alices: str, kind: str) -> None:
    status, ask = ANSWERS[kind]
    alice.ended(alices)
    reply = ask(alice, alices)
    assert reply.status_code == status, reply.text[:300]
    assert {name: reply.headers.get(name) for name in STANDARD} == STANDARD
    assert re.fullmatch(r"max-age=\d{8,}; includeSubDomains", reply.headers["strict-transport-security"])
    policy = reply.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "Traceback" not in reply.text


def test_a_faulty_call_tells_nothing_of_the_inside(alice: Service) -> None:
    for body in (b"{", b'{"file_ids": "x"}', b'{"file_ids": [{"a": 1}]}'):
        text = alice.http.post("/v1/download/initiate", content=body).text
        assert not re.search(r"pydantic|errors\.pydantic\.dev|/opt/|/var/task|File \"|botocore", text)


def preflight(http: httpx.Client, origin: str, method: str) -> httpx.Headers:
    headers = {"origin": origin, "access-control-request-method": method}
    headers["access-control-request-headers"] = "authorization"
    return http.options("/v1/download/status/x", headers=headers).headers


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", f"{TRUSTED}.evil.example", "http://app.example"]
)
def test_a_foreign_page_may_read_nothing(alice: Service, stranger: httpx.Client, origin: str) -> None:
    for headers in (
        preflight(stranger, origin, "GET"),
        alice.http.get("/v1/downloads", headers={"origin": origin}).headers,
        stranger.get("/health", headers={"origin": origin}).headers,
    ):
        assert headers.get("access-control-allow-origin") not in {origin, "*"}
        assert "access-control-allow-credentials" not in headers


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_a_page_on_the_list_may_call(alice: Service, stranger: httpx.Client, method: str) -> None:
    headers = preflight(stranger, TRUSTED, method)
    assert headers["access-control-allow-origin"] == TRUSTED
    assert method in re.split(r",\s*", headers["access-control-allow-methods"].upper())
    assert "authorization" in headers["access-control-allow-headers"].lower()
    answered = alice.http.get("/v1/downloads", headers={"origin": TRUSTED}).headers
    assert answered["access-control-allow-origin"] == TRUSTED


def test_the_documentation_runs_under_its_policy_in_a_browser(alice: Service) -> None:
    with chromium() as browser:
        page = browser.new_page()
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(alice.cloud.outputs["DocsUrl"])
        page.wait_for_selector(".opblock", timeout=30_000)
        shown, before = page.locator(".opblock").count(), list(complaints)
        # The policy is in force: what a page that was broken into would do is refused.
        with page.expect_console_message() as refused:
            ran = page.evaluate(BREAK_IN)
        told = refused.value.text
    assert shown >= 10
    assert before == []
    assert not ran
    assert "Content Security Policy" in told
    assert {url for url in asked if not url.startswith("data:")} == {alice.cloud.outputs["DocsUrl"]}
