"""The demo page in a browser, as the stack serves it: what a person does there, and what goes wrong."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route, expect

from downloads.aws.recording import RecordingDynamoJobs
from downloads.model import Job
from infra_cdk import samples
from infra_cdk.config import for_stage
from infra_cdk.demo_page_files import offered
from infra_cdk.page_build import built_page
from infra_cdk.ports import free_port
from tests.browser import chromium
from tests.conftest import ready
from tests.e2e.conftest import Service, kill, left_alone
from tests.e2e.demo_visit import Visit, bar, paint, status

VISITOR = "visitor"
SMALL = (70000, 70007, 70014)
TEN = (70000, 70007, 70014, 70021, 70028, 70035, 70042, 70049, 70056, 70063)
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
# Each file is prepared for 1 to 3 seconds, so that there is something to see.
SLOWLY = {
    "DOWNLOAD_DELAY_ENABLED": "true",
    "DOWNLOAD_DELAY_MIN_MS": "1000",
    "DOWNLOAD_DELAY_MAX_MS": "3000",
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
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def visitor(service: Service) -> Service:
    """The service as the visitor sees it."""
    return replace(service, token=service.cloud.sign_in(VISITOR))


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


@pytest.fixture
def waiting(visitor: Service, jobs: RecordingDynamoJobs) -> Job:
    """A job of the visitor's that goes on when a test says so."""
    return left_alone(jobs, visitor.owner, list(SMALL))


def demo(service: Service) -> tuple[str, str]:
    """Whose page has few jobs, as in the README's pictures."""
    assert service.cloud.users
    return "demo", service.cloud.users.password("demo")


def prepare(jobs: RecordingDynamoJobs, job: Job, *file_ids: int) -> None:
    jobs.record(job, [ready(file_id) for file_id in file_ids], datetime.now(UTC))


def test_a_wrong_password_is_told_in_words_and_a_right_one_lets_in(come: Come, password: str) -> None:
    visit = come()
    expect(visit.page.get_by_role("form", name="Sign in")).to_be_visible()
    visit.picture("sign-in")
    visit.sign_in(VISITOR, "not this one")
    expect(visit.page.get_by_role("alert")).to_contain_text("Incorrect username or password")
    visit.picture("sign-in-refused")
    visit.sign_in(VISITOR, password)
    expect(visit.page.get_by_text(f"Signed in as {VISITOR}")).to_be_visible()
    expect(visit.page.get_by_role("region", name="Earlier downloads")).to_contain_text(
        re.compile("None yet|ready")
    )
    visit.picture("empty")
    start = visit.page.get_by_role("button", name="Start download")
    at_rest = paint(start)
    start.hover(force=True)
    expect(start).to_have_attribute("data-hovered", "true")
    assert paint(start) == at_rest, "there is nothing to start, and the button's words stay readable"


def test_frames_move_the_bar_until_all_is_ready(come: Come, service: Service) -> None:
    visit = come()
    visit.sign_in(*demo(service))
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


def test_a_store_that_takes_its_time_loses_no_file(visit: Visit, service: Service) -> None:
    """A link that is followed before another has its first byte must not cancel that one."""
    job = visit.start(70000, 70007)
    status(job, "Ready")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    visit.page.route(files_of(service), hold)
    names: list[str] = []
    visit.page.on("download", lambda download: names.append(download.suggested_filename))
    job.get_by_role("button", name="Download all").click()
    visit.wait_until(lambda: len(held) == 2)
    with visit.page.expect_event("download", lambda _: len(names) == 2):
        for route in held:
            route.continue_()
    assert sorted(names) == ["70000.zip", "70007.zip"]


def test_a_refusal_of_the_store_is_told_and_the_page_stays(visit: Visit, service: Service) -> None:
    job = visit.start(70000)
    status(job, "Ready")
    gone = {"status": 404, "content_type": "application/xml", "body": "<Error><Code>NoSuchKey</Code></Error>"}
    visit.page.route(files_of(service), lambda route: route.fulfill(**gone))
    job.get_by_role("button", name="Download Read me first").click()
    expect(job.get_by_role("alert")).to_contain_text("70000.zip could not be fetched")
    expect(visit.page.get_by_role("heading", name="Pick files")).to_be_visible()


def files_of(service: Service) -> re.Pattern[str]:
    """Every address of the bucket of files."""
    return re.compile(f"/{service.cloud.outputs['BucketName']}/")


def test_a_connection_that_drops_is_made_again(
    waiting: Job, visit: Visit, jobs: RecordingDynamoJobs, service: Service
) -> None:
    card = visit.show(waiting.job_id)
    # Without a new ticket there is no new connection: offline, Chromium would not even hear this one end.
    visit.page.route("**/ticket", lambda route: route.abort("internetdisconnected"))
    kill(service, waiting.job_id)
    expect(card.get_by_text("Connecting…")).to_be_visible()
    visit.picture("offline")
    prepare(jobs, waiting, SMALL[0])
    visit.page.unroute("**/ticket")
    expect(bar(card)).to_have_attribute("aria-valuetext", "1 of 3 ready")
    expect(card.get_by_text("Live")).to_be_visible()
    assert len(visit.sockets) > 1
    prepare(jobs, waiting, *SMALL[1:])
    status(card, "Ready")
    assert 100 in visit.percentages()


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
    expect(job.get_by_role("listitem").filter(has_text="Failed")).to_contain_text("no file with this id")
    visit.picture("failed")
    restored()
    job.get_by_role("button", name="Retry failed").click()
    status(job, "Ready")
    expect(bar(job)).to_have_attribute("aria-valuetext", "2 of 2 ready")


def test_a_reload_in_the_middle_goes_on(waiting: Job, visit: Visit, jobs: RecordingDynamoJobs) -> None:
    card = visit.show(waiting.job_id)
    prepare(jobs, waiting, SMALL[0])
    expect(bar(card)).to_have_attribute("aria-valuetext", "1 of 3 ready")
    visit.page.reload()
    expect(bar(card)).to_have_attribute("aria-valuetext", "1 of 3 ready")
    expect(card.get_by_text("Live")).to_be_visible()
    prepare(jobs, waiting, *SMALL[1:])
    status(card, "Ready")
    expect(card.get_by_role("listitem")).to_have_count(3)


def test_several_jobs_are_live_at_once(
    visitor: Service, come: Come, password: str, jobs: RecordingDynamoJobs
) -> None:
    several = [left_alone(jobs, visitor.owner, list(SMALL)) for _ in range(3)]
    visit = come()
    visit.sign_in(VISITOR, password)
    cards = [visit.show(job.job_id) for job in several]
    for job in several:
        prepare(jobs, job, SMALL[0])
    for card in cards:
        expect(bar(card)).to_have_attribute("aria-valuetext", "1 of 3 ready")
        expect(card.get_by_text("Live")).to_be_visible()
    visit.picture("several")
    for job, card in zip(several, cards, strict=True):
        prepare(jobs, job, *SMALL[1:])
        status(card, "Ready")


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


def test_it_fits_a_phone(waiting: Job, come: Come, password: str, jobs: RecordingDynamoJobs) -> None:
    visit = come(**PHONE)
    visit.sign_in(VISITOR, password)
    card = visit.show(waiting.job_id)
    prepare(jobs, waiting, SMALL[0])
    expect(bar(card)).to_have_attribute("aria-valuetext", "1 of 3 ready")
    too_wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert visit.page.evaluate(too_wide) == 0
    visit.picture("phone")
    earlier = visit.page.get_by_role("region", name="Earlier downloads")
    expect(earlier.get_by_role("listitem")).not_to_have_count(0)
    inside = "each => each.scrollWidth <= each.clientWidth"
    assert all(each.evaluate(inside) for each in earlier.get_by_role("listitem").all())


def test_it_is_dark_where_the_system_is(come: Come, service: Service) -> None:
    visit = come(color_scheme="dark")
    visit.sign_in(*demo(service))
    job = visit.start(*TEN[:6], samples.MISSING)
    status(job, "Ready, with failures")
    visit.picture("dark-finished")
    shade = visit.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert max(int(part) for part in re.findall(r"\d+", shade)[:3]) < 80
