"""Links by the page when many are wanted, singly when few are."""

import threading

import httpx
import pytest

from delineate.api import Api
from delineate.errors import FileFault, Stopped
from delineate.links import FEW, LinkDesk


class Service:
    def __init__(self, page: int = 1000) -> None:
        self.ready: list[int] = []
        self.page = page
        self.asked: list[str] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        query = request.url.params
        self.asked.append("single" if "file_id" in query else "page")
        listed = [i for i in self.ready if query.get("file_id", str(i)) == str(i)]
        start = int(query.get("cursor", 0))
        more = {"nextCursor": str(start + self.page)} if start + self.page < len(listed) else {}
        files = [{"file_id": i, "downloadUrl": f"http://s3/{i}"} for i in listed[start : start + self.page]]
        progress = {"completed": 1, "failed": 0, "total": 1, "percentage": 0}
        return httpx.Response(
            202, json={"jobId": "j", "status": "processing", "progress": progress, "files": files, **more}
        )


def desk(service: Service, stop: threading.Event | None = None) -> LinkDesk:
    client = httpx.Client(base_url="http://api", transport=httpx.MockTransport(service.answer))
    return LinkDesk(Api("", client), "j", stop or threading.Event())


def test_a_thousand_links_come_by_the_page() -> None:
    service = Service(page=400)
    service.ready = list(range(1000))
    links = desk(service)
    links.expect(service.ready)
    assert [links.take(i).downloadUrl for i in service.ready] == [f"http://s3/{i}" for i in range(1000)]
    assert service.asked == ["page"] * 3


def test_few_links_come_singly() -> None:
    service = Service()
    service.ready = list(range(1000))
    links = desk(service)
    links.expect(range(FEW))
    assert [links.take(i).file_id for i in range(FEW)] == list(range(FEW))
    assert service.asked == ["single"] * FEW


def test_pages_end_when_nothing_lacks() -> None:
    service = Service(page=10)
    service.ready = list(range(1000))
    links = desk(service)
    links.expect(range(FEW + 1))
    links.take(0)
    assert service.asked == ["page"]


def test_a_link_that_no_page_has_is_asked_for_singly() -> None:
    service = Service()
    links = desk(service)
    links.expect(range(FEW + 1))
    service.ready = [0]
    assert links.take(0).file_id == 0
    assert desk(service).fresh(0).file_id == 0


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
