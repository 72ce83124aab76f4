"""A person's visit to the demo page, by what a screen reader calls things; and what went on meanwhile."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Error, Locator, Page, WebSocket, expect

from infra_cdk import samples

PATIENCE_MS = 30_000
STEP_MS = 50
expect.set_options(timeout=PATIENCE_MS)

AXE = Path(__file__).parent / "axe" / "node_modules" / "axe-core" / "axe.min.js"
MOST_TABS = 40

WATCH_BARS = """(() => {
  window.seen = [];
  const note = () => {
    for (const bar of document.querySelectorAll("[role=progressbar]")) {
      const now = Number(bar.getAttribute("aria-valuenow"));
      if (seen.at(-1) !== now) seen.push(now);
    }
  };
  new MutationObserver(note).observe(document, { subtree: true, childList: true, attributes: true });
})()"""


@dataclass
class Visit:
    """One browser context, with storage of its own, and a page in it."""

    page: Page
    pictures: Path
    sockets: list[WebSocket] = field(default_factory=list)
    frames: list[dict[str, Any]] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @classmethod
    def to(cls, browser: Browser, address: str, pictures: Path, **context: Any) -> "Visit":
        """Open the page as a new visitor; frames and errors are written down from the beginning."""
        page = browser.new_context(**context).new_page()
        visit = cls(page, pictures)
        page.add_init_script(WATCH_BARS)
        page.on("websocket", visit._listen)
        page.on("pageerror", visit._broken)
        page.on("console", visit._said)
        page.goto(address)
        return visit

    def _listen(self, socket: WebSocket) -> None:
        self.sockets.append(socket)
        socket.on("framereceived", lambda payload: self.frames.append(json.loads(payload)))

    def _broken(self, error: Error) -> None:
        self.complaints.append(str(error))

    def _said(self, message: ConsoleMessage) -> None:
        # What the browser's policy refused; a call that was refused is the service's to tell.
        if "Content Security Policy" in message.text:
            self.complaints.append(message.text)

    def sign_in(self, name: str, password: str) -> None:
        self.page.get_by_label("User name").fill(name)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()

    def file(self, file_id: int) -> Locator:
        """A file in the list to pick from."""
        name = samples.NAMES.get(file_id, "A file that is not there")
        return self.page.get_by_role("grid", name="Files to pick").get_by_role("row", name=name)

    def start(self, *file_ids: int) -> Locator:
        """Pick files and start a job; its card."""
        for file_id in file_ids:
            self.file(file_id).click()
        before = self.jobs.count()
        self.page.get_by_role("button", name="Start download").click()
        expect(self.jobs).to_have_count(before + 1)
        # Cards are put in front of one another: this one is told by its id from now on.
        return self.card(self.jobs.first.get_attribute("data-job-id"))

    @property
    def jobs(self) -> Locator:
        return self.page.get_by_role("region", name=re.compile(r"^[0-9]+ files?"))

    def card(self, job_id: str | None) -> Locator:
        """What the page shows of one job, wherever it stands."""
        return self.page.locator(f"[data-job-id='{job_id}']")

    def show(self, job_id: str) -> Locator:
        """Bring an earlier job into sight, and wait until it is watched."""
        self.page.get_by_role("button", name=f"Show {job_id[:8]}").click()
        expect(self.card(job_id).get_by_text("Live")).to_be_visible()
        return self.card(job_id)

    def wait_until(self, so: Callable[[], bool]) -> None:
        """Let the browser go on until that is so. AssertionError where it never is."""
        for _ in range(PATIENCE_MS // STEP_MS):
            if so():
                return
            self.page.wait_for_timeout(STEP_MS)
        raise AssertionError("it never came to that")

    def percentages(self) -> set[float]:
        """What the frames have told so far."""
        return {frame["progress"]["percentage"] for frame in self.frames if "progress" in frame}

    def seen(self) -> list[float]:
        """Every value that a bar has had, in order."""
        seen: list[float] = self.page.evaluate("seen")
        return seen

    def tab_to(self, target: Locator) -> None:
        """Press Tab until it has the focus, as somebody does who uses no mouse."""
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            if target.evaluate("each => each.matches(':focus')"):
                return
        raise AssertionError(f"{target} was not reached by {MOST_TABS} tabs")

    def picture(self, name: str) -> None:
        """Keep how it looks, and look for what keeps people out."""
        self.pictures.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=self.pictures / f"{name}.png", animations="disabled", full_page=True)
        self.page.evaluate(AXE.read_text())
        found = self.page.evaluate("axe.run().then(result => result.violations)")
        assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []


def status(job: Locator, words: str) -> None:
    """The job's state in words, once it is that."""
    expect(job.locator("header .chip")).to_have_text(words)


def paint(button: Locator) -> str:
    """What is behind its words, once every transition has ended."""
    told: str = button.evaluate(
        "each => (each.getAnimations().forEach(one => one.finish()), getComputedStyle(each).backgroundColor)"
    )
    return told


def bar(job: Locator) -> Locator:
    return job.get_by_role("progressbar").first
