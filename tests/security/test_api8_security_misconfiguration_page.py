"""API8:2023. The demo page runs its own scripts alone, talks to its own stack alone, is framed by nobody."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page

from infra_cdk.cloud import LocalCloud
from infra_cdk.ports import free_port
from tests.browser import chromium

INLINE = """() => {
  const script = document.createElement("script");
  script.textContent = "window.broken = 1";
  document.body.append(script);
  return window.broken === 1;
}"""
CALL = """async url => {
  const broken = new Promise(resolve => addEventListener("securitypolicyviolation", resolve, { once: true }));
  const called = fetch(url, { mode: "no-cors" }).then(() => "called");
  const refused = broken.then(event => event.effectiveDirective);
  return await Promise.race([called.catch(() => refused), refused]);
}"""
FRAME = """url => new Promise(resolve => {
  const frame = document.createElement("iframe");
  frame.onload = () => resolve(frame.contentDocument === null);
  frame.src = url;
  document.body.append(frame);
})"""


@pytest.fixture(scope="module")
def site(cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A page of no content: all that is attacked here comes with the answers."""
    build: Path = tmp_path_factory.mktemp("dist")
    (build / "assets").mkdir()
    (build / "index.html").write_text('<!doctype html><title>page</title><script src="assets/a.js"></script>')
    (build / "assets" / "a.js").write_text("window.ran = true")
    return cloud.show_page(build, [], free_port())


@pytest.fixture(scope="module")
def page(site: str) -> Iterator[Page]:
    with chromium() as browser:
        page = browser.new_page()
        page.goto(site)
        yield page


@pytest.mark.parametrize(
    ("path", "status", "kept"),
    [
        ("/", 200, "no-cache"),
        ("/config.json", 200, "no-cache"),
        ("/assets/a.js", 200, "public, max-age=31536000, immutable"),
        ("/nowhere", 403, None),
        ("/assets/not-yet.js", 403, None),
    ],
)
def test_every_answer_of_the_page_has_the_headers(
    site: str, path: str, status: int, kept: str | None
) -> None:
    reply = httpx.get(site + path)
    assert (reply.status_code, reply.headers.get("cache-control")) == (status, kept)
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["x-frame-options"] == "DENY"
    assert reply.headers["referrer-policy"] == "no-referrer"
    # Without subdomains: the page may be at the top of a domain whose other names are none of its business.
    assert re.fullmatch(r"max-age=\d{8,}", reply.headers["strict-transport-security"])
    policy = reply.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy


def test_the_page_tells_nothing_but_where_the_api_is(cloud: LocalCloud, site: str) -> None:
    assert httpx.get(f"{site}/config.json").json() == {"apiUrl": cloud.outputs["ApiUrl"], "files": []}


def test_a_script_that_was_brought_in_does_not_run(page: Page) -> None:
    assert page.evaluate("window.ran")
    # Whatever else the page says meanwhile, of a call that fails for example.
    with page.expect_console_message(lambda said: "Content Security Policy" in said.text):
        assert not page.evaluate(INLINE)


def test_the_page_can_tell_its_own_stack_alone(cloud: LocalCloud, page: Page) -> None:
    assert page.evaluate(CALL, f"{cloud.outputs['ApiUrl']}/health") == "called"
    assert page.evaluate(CALL, f"http://127.0.0.1:{free_port()}/collect") == "connect-src"
    assert page.evaluate(CALL, "https://evil.example/collect") == "connect-src"


def test_no_page_frames_it(page: Page, site: str) -> None:
    assert page.evaluate(FRAME, site)
