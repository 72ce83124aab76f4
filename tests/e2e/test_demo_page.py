"""The demo page in a browser, as the stack serves it: what a person does there, and what goes wrong."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from infra_cdk import samples
from infra_cdk.config import for_stage
from infra_cdk.demo_page_files import offered
from infra_cdk.page_build import built_page
from infra_cdk.ports import free_port
from tests.e2e.conftest import Service, kill
from tests.e2e.demo_visit import Visit, bar, status

VISITOR = "visitor"
SMALL = (70000, 70007, 70014)
TEN = (70000, 70007, 70014, 70021, 70028, 70035, 70042, 70049, 70056, 70063)
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
# Each file is prepared for 1 to 4 seconds, so that there is something to see.
SLOWLY = {
    "DOWNLOAD_DELAY_ENABLED": "true",
    "DOWNLOAD_DELAY_MIN_MS": "1000",
    "DOWNLOAD_DELAY_MAX_MS": "4000",
}
AT_ONCE = {"DOWNLOAD_DELAY_ENABLED": "false"}

Come = Callable[..., Visit]


@pytest.fixture(scope="module")
def site(service: Service) -> Iterator[str]:
    """The page's address, while the service prepares files slowly."""
    _prepare(service, SLOWLY)
    yield service.cloud.show_page(built_page(), offered(for_stage("dev")), free_port())
    _prepare(service, AT_ONCE)


def _prepare(service: Service, manner: dict[str, str]) -> None:
    client, name = service.cloud.client("lambda"), service.cloud.outputs["InitiateJobName"]
    variables = client.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    client.update_function_configuration(FunctionName=name, Environment={"Variables": variables | manner})


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    assert chromium, "these tests need Debian's browser: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def password(service: Service) -> str:
    assert service.cloud.users
    return service.cloud.users.password(VISITOR)


@pytest.fixture
def come(browser: Browser, site: str, request: pytest.FixtureRequest) -> Iterator[Come]:
    """Visits the page; the policy must have refused nothing, and no script have failed, by the end."""
    pictures: Path = request.config.getoption("--screenshots")
    visits: list[Visit] = []

    def visit(**context: object) -> Visit:
        visits.append(Visit.to(browser, site, pictures, **context))
        return visits[-1]

    yield visit
    for each in visits:
        each.page.context.close()
    assert [complaint for each in visits for complaint in each.complaints] == []


@pytest.fixture
def visit(come: Come, password: str) -> Visit:
    """Somebody who has signed in."""
    visit = come()
    visit.sign_in(VISITOR, password)
    return visit


def test_a_wrong_password_is_told_in_words_and_a_right_one_lets_in(come: Come, password: str) -> None:
    visit = come()
    visit.picture("sign-in")
    visit.sign_in(VISITOR, "not this one")
    expect(visit.page.get_by_role("alert")).to_contain_text("Incorrect username or password")
    visit.picture("sign-in-refused")
    visit.sign_in(VISITOR, password)
    expect(visit.page.get_by_text(f"Signed in as {VISITOR}")).to_be_visible()
    visit.picture("empty")


def test_frames_move_the_bar_until_all_is_ready(visit: Visit) -> None:
    job = visit.start(*TEN)
    expect(job.get_by_text("Live")).to_be_visible()
    expect(bar(job)).not_to_have_attribute("aria-valuenow", "0")
    visit.picture("running")
    status(job, "Ready")
    expect(bar(job)).to_have_attribute("aria-valuenow", "100")
    expect(bar(job)).to_have_attribute("aria-valuetext", "10 of 10 ready")
    seen = visit.seen()
    assert seen == sorted(seen)
    between = [value for value in seen if 0 < value < 100]
    assert between
    assert set(between) <= visit.percentages()
    visit.picture("finished")


def test_a_file_comes_byte_for_byte(visit: Visit) -> None:
    job = visit.start(70021)
    status(job, "Ready")
    with visit.page.expect_download() as started:
        job.get_by_role("button", name="Download Rainfall, daily").click()
    assert started.value.suggested_filename == "70021.zip"
    assert started.value.path().read_bytes() == samples.sample(70021)


def test_all_files_of_a_job_come(visit: Visit) -> None:
    job = visit.start(70000, 70007)
    status(job, "Ready")
    names: list[str] = []
    visit.page.on("download", lambda download: names.append(download.suggested_filename))
    with visit.page.expect_event("download", lambda _: len(names) == 2):
        job.get_by_role("button", name="Download all").click()
    assert sorted(names) == ["70000.zip", "70007.zip"]


def test_a_connection_that_drops_is_made_again(visit: Visit, service: Service) -> None:
    job = visit.start(*TEN)
    job_id = job.get_attribute("data-job-id") or ""
    expect(job.get_by_text("Live")).to_be_visible()
    visit.page.context.set_offline(True)
    kill(service, job_id)
    expect(job.get_by_text("Connecting…")).to_be_visible()
    visit.picture("offline")
    visit.page.context.set_offline(False)
    status(job, "Ready")
    assert len(visit.sockets) > 1
    assert service.status(job_id, limit=0)["status"] == "completed"


def test_a_cancelled_job_says_so(visit: Visit) -> None:
    job = visit.start(*TEN)
    job.get_by_role("button", name="Cancel").click()
    status(job, "Cancelled")
    expect(job.get_by_role("button", name="Cancel")).to_have_count(0)
    expect(job.get_by_role("listitem").filter(has_text="Not prepared")).not_to_have_count(0)
    visit.picture("cancelled")


@pytest.fixture
def restored(service: Service) -> Iterator[Callable[[], None]]:
    """Puts the missing file where it belongs; other tests need it missing."""
    key = for_stage("dev").key_template.format(file_id=samples.MISSING)
    yield lambda: service.cloud.put_object(key, samples.sample(70000))
    service.cloud.client("s3").delete_object(Bucket=service.cloud.outputs["BucketName"], Key=key)


def test_what_failed_is_ready_after_a_retry(visit: Visit, restored: Callable[[], None]) -> None:
    job = visit.start(70000, samples.MISSING)
    status(job, "Ready, with failures")
    expect(job.get_by_role("listitem").filter(has_text="70084.")).to_contain_text("no file with this id")
    visit.picture("failed")
    restored()
    job.get_by_role("button", name="Retry failed").click()
    status(job, "Ready")
    expect(bar(job)).to_have_attribute("aria-valuetext", "2 of 2 ready")


def test_a_reload_in_the_middle_goes_on(visit: Visit) -> None:
    job = visit.start(*TEN)
    expect(job.get_by_text("Live")).to_be_visible()
    visit.page.reload()
    status(job, "Preparing")
    expect(job.get_by_text("Live")).to_be_visible()
    status(job, "Ready")
    expect(job.get_by_role("listitem")).to_have_count(len(TEN))


def test_several_jobs_are_live_at_once(visit: Visit) -> None:
    jobs = [visit.start(*SMALL) for _ in range(3)]
    expect(visit.page.get_by_text("Live", exact=True)).to_have_count(3)
    visit.picture("several")
    for job in jobs:
        status(job, "Ready")
    told = {frame["jobId"] for frame in visit.frames if frame.get("type") in {"snapshot", "change"}}
    assert told == {job.get_attribute("data-job-id") for job in jobs}


def test_the_keyboard_is_enough(come: Come, password: str) -> None:
    visit = come()
    keys = visit.page.keyboard
    visit.tab_to(visit.page.get_by_label("User name"))
    keys.type(VISITOR)
    keys.press("Tab")
    keys.type(password)
    keys.press("Enter")
    expect(visit.page.get_by_role("heading", name="Pick files")).to_be_visible()
    visit.tab_to(visit.file(70000))
    keys.press("Space")
    keys.press("ArrowDown")
    keys.press("Space")
    visit.picture("picked-by-keyboard")
    visit.tab_to(visit.page.get_by_role("button", name="Start download"))
    keys.press("Enter")
    job = visit.jobs.first
    status(job, "Ready")
    visit.tab_to(job.get_by_role("button", name="Download Price list"))
    with visit.page.expect_download() as started:
        keys.press("Enter")
    assert started.value.path().read_bytes() == samples.sample(70007)


def test_it_fits_a_phone(come: Come, password: str) -> None:
    visit = come(**PHONE)
    visit.sign_in(VISITOR, password)
    job = visit.start(*SMALL)
    expect(job.get_by_text("Live")).to_be_visible()
    too_wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert visit.page.evaluate(too_wide) == 0
    visit.picture("phone")
    status(job, "Ready")
    visit.picture("phone-finished")


def test_it_is_dark_where_the_system_is(come: Come, password: str) -> None:
    visit = come(color_scheme="dark")
    visit.picture("dark-sign-in")
    visit.sign_in(VISITOR, password)
    job = visit.start(*TEN[:6], samples.MISSING)
    status(job, "Ready, with failures")
    visit.picture("dark-finished")
    shade = visit.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert max(int(part) for part in re.findall(r"\d+", shade)[:3]) < 80
