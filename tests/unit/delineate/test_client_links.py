"""Links by the page when many are wanted, singly when few are, and never the whole job again and again."""

import random
import threading
from collections.abc import Iterable

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from delineate.api import Api
from delineate.download.links import FEW, KNOWN_FOR_ONE, LinkDesk
from delineate.errors import FileFault, Stopped


class Service:
    """Pages as the contract has them: stretches of the job's files, of which what is ready is listed."""

    def __init__(self, ids: Iterable[int] = range(1000)) -> None:
        self.ids = list(ids)
        self.ready: set[int] = set()
        self.asked: list[str] = []
        self.entries = 0

    def answer(self, request: httpx.Request) -> httpx.Response:
        query = request.url.params
        single = "file_id" in query
        self.asked.append("single" if single else "page")
        start = int(query.get("cursor", "from-0").removeprefix("from-"))
        end = start + int(query.get("limit", 1000))
        stretch = [int(query["file_id"])] if single else self.ids[start:end]
        more = {} if single or end >= len(self.ids) else {"nextCursor": f"from-{end}"}
        files = [{"file_id": i, "downloadUrl": f"http://s3/{i}"} for i in stretch if i in self.ready]
        self.entries += len(files)
        progress = {"completed": 1, "failed": 0, "total": 1, "percentage": 0}
        return httpx.Response(
            202, json={"jobId": "j", "status": "processing", "progress": progress, "files": files, **more}
        )


def desk(service: Service, stop: threading.Event | None = None) -> LinkDesk:
    client = httpx.Client(base_url="http://api", transport=httpx.MockTransport(service.answer))
    return LinkDesk(Api("", client), "j", service.ids, stop or threading.Event())


def test_a_thousand_links_come_by_the_page() -> None:
    service = Service()
    service.ready = set(service.ids)
    links = desk(service)
    links.expect(service.ids)
    assert [links.take(i).downloadUrl for i in service.ids] == [f"http://s3/{i}" for i in range(1000)]
    assert service.asked == ["page"]


FILES, BATCH = 500, 10


def in_batches(ids: list[int], ahead: int = 0) -> Service:
    """A job whose files get ready in this order, `ahead` files sooner than they are told of."""
    service = Service(sorted(ids))
    links = desk(service)
    for begin in range(0, len(ids), BATCH):
        told = ids[begin : begin + BATCH]
        service.ready = set(ids[: begin + BATCH + ahead])
        links.expect(told)
        assert [links.take(i).file_id for i in sorted(told)] == sorted(told)
    return service


@pytest.mark.parametrize("ahead", [0, 7, 100])
def test_files_that_finish_in_order_cost_one_link_each(ahead: int) -> None:
    service = in_batches(list(range(70_000, 70_000 + FILES)), ahead)
    assert service.entries <= 1.2 * FILES
    assert len(service.asked) <= FILES / BATCH


@pytest.mark.parametrize("seed", range(5))
def test_files_that_finish_in_about_that_order_cost_few_calls(seed: int) -> None:
    lot = random.Random(seed)  # noqa: S311 - reproducible, not secret
    batches = [list(range(n, n + BATCH)) for n in range(0, FILES, BATCH)]
    batches.sort(key=lambda batch: batch[0] + lot.uniform(0, 5 * BATCH))
    service = in_batches([file_id for batch in batches for file_id in batch])
    assert service.entries <= 2 * FILES
    assert len(service.asked) <= 2 * FILES / BATCH


@given(st.permutations(range(200)), st.integers(0, 60))
def test_whatever_the_order_the_links_fetched_grow_with_the_files(ids: list[int], ahead: int) -> None:
    service = in_batches(ids, ahead)
    assert service.entries <= (1 + KNOWN_FOR_ONE) * len(ids)
    assert len(service.asked) <= len(ids)


def test_a_service_whose_pages_are_shorter_than_asked_for_still_gives_every_link() -> None:
    service = Service(range(50))
    service.ready = set(service.ids)
    answer = service.answer

    def capped(request: httpx.Request) -> httpx.Response:
        url = request.url
        return answer(httpx.Request("GET", url.copy_set_param("limit", 20) if "limit" in url.params else url))

    service.answer = capped  # type: ignore[method-assign] # this one service answers otherwise
    links = desk(service)
    links.expect(service.ids)
    assert [links.take(i).file_id for i in service.ids] == service.ids
    assert service.asked == ["page"] + ["single"] * 30


def test_few_links_come_singly() -> None:
    service = Service()
    service.ready = set(service.ids)
    links = desk(service)
    links.expect(range(FEW))
    assert [links.take(i).file_id for i in range(FEW)] == list(range(FEW))
    assert service.asked == ["single"] * FEW


def test_a_page_is_no_longer_than_what_lacks() -> None:
    service = Service()
    service.ready = set(service.ids)
    links = desk(service)
    links.expect(range(FEW + 1))
    links.take(0)
    assert (service.asked, service.entries) == (["page"], FEW + 1)


def test_a_link_that_no_page_has_is_asked_for_singly() -> None:
    service = Service()
    links = desk(service)
    links.expect(range(FEW + 1))
    service.ready = {0}
    assert links.take(0).file_id == 0
    service.ready = {0, 1}
    assert links.take(1).file_id == 1
    assert service.asked == ["page", "single"]


def test_a_file_that_the_job_was_not_known_to_have_is_asked_for_singly() -> None:
    service = Service(range(20))
    service.ready = {*range(20), 70_000}
    links = desk(service)
    links.expect([*range(20), 70_000])
    assert links.take(70_000).file_id == 70_000
    assert service.asked == ["single"]


class Unhurried(threading.Event):
    def wait(self, timeout: float | None = None) -> bool:
        return False


def test_a_link_that_never_comes_is_a_fault_of_that_file() -> None:
    with pytest.raises(FileFault, match="no link"):
        desk(Service(), Unhurried()).take(1)


def test_waiting_for_a_link_ends_when_stopped() -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(Stopped):
        desk(Service(), stop).take(1)
