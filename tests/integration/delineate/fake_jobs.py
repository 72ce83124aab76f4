"""A job of the fake service: what it tells by status, links and frames."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fake_service import FakeService

EXPIRES = "2099-01-01T00:00:00Z"


class FakeJob:
    def __init__(self, job_id: str, ids: list[int], service: FakeService) -> None:
        self.id = job_id
        self.ids = ids
        self.version = 1
        self.files: dict[int, dict[str, Any]] = {}
        self.cancelled = False
        self._service = service
        self._changed = threading.Condition()

    @property
    def ended(self) -> bool:
        return self.cancelled or len(self.files) == len(self.ids)

    def advance(self, batch: int) -> None:
        with self._changed:
            for file_id in [i for i in self.ids if i not in self.files][:batch]:
                self.files[file_id] = self._prepared(file_id)
            self.version += 1
            self._changed.notify_all()

    def cancel(self) -> None:
        with self._changed:
            self.cancelled = self.cancelled or not self.ended
            self.version += 1
            self._changed.notify_all()

    def reopened(self) -> dict[str, Any]:
        with self._changed:
            self.files = {i: file for i, file in self.files.items() if file["status"] == "completed"}
            self.version += 1
            return {"jobId": self.id, "status": self.account()["status"]}

    def _prepared(self, file_id: int) -> dict[str, Any]:
        if file_id in self._service.missing:
            why = {"error": "There is no such file in the bucket.", "errorCode": "NOT_FOUND"}
            return {"file_id": file_id, "status": "failed", **why}
        size = self._service.size(file_id)
        name = f"downloads/{file_id}.zip"
        if name not in self._service.storage.objects:
            self._service.storage.put(name, content(file_id, size))
        return {"file_id": file_id, "status": "completed", "size": size}

    def account(self) -> dict[str, Any]:
        failed = sum(f["status"] == "failed" for f in self.files.values())
        done, total = len(self.files) - failed, len(self.ids)
        over = "failed" if failed == total else "completed"
        status = "cancelled" if self.cancelled else over if self.ended else "processing"
        percentage = 100 * len(self.files) // total
        counters = {"completed": done, "failed": failed, "total": total, "percentage": percentage}
        return {"jobId": self.id, "version": self.version, "status": status, "progress": counters}

    def status(self, query: dict[str, str]) -> dict[str, Any]:
        with self._changed:
            listed = [self.files.get(i, {"file_id": i, "status": "pending"}) for i in self.ids]
            times = {"createdAt": "2030-01-01T00:00:00Z", "expiresAt": EXPIRES, "novelty": True}
            return self.account() | self._page(listed, query) | times

    def links(self, query: dict[str, str]) -> dict[str, Any]:
        with self._changed:
            ids = [int(query["file_id"])] if "file_id" in query else self.ids
            page = self._page([self.files.get(i, {"status": "pending"}) for i in ids], query)
            ready = [f for f in page["files"] if f["status"] == "completed"]
            return self.account() | page | {"files": [self._link(f["file_id"], f["size"]) for f in ready]}

    def _page(self, listed: list[dict[str, Any]], query: dict[str, str]) -> dict[str, Any]:
        start, limit = int(query.get("cursor", 0)), int(query.get("limit", self._service.page))
        more = {"nextCursor": str(start + limit)} if limit and start + limit < len(listed) else {}
        return {"files": listed[start : start + limit], **more}

    def _link(self, file_id: int, size: int) -> dict[str, Any]:
        name = f"downloads/{file_id}.zip"
        told = {"etag": self._service.storage.objects[name].etag, "filename": self._service.filename(file_id)}
        url = self._service.storage.link(name)
        return {"file_id": file_id, "downloadUrl": url, "urlExpiresAt": EXPIRES, "size": size, **told}

    def frames(self) -> Iterator[dict[str, Any]]:
        """A snapshot, then a change a step, as the WebSocket tells it; ends with the job."""
        with self._changed:
            known = dict(self.files)
            yield {"type": "snapshot", **self.account(), "files": list(known.values()), "part": 1, "parts": 1}
            while not self.ended:
                since = self.version
                self._changed.wait(20)
                news = [f for i, f in self.files.items() if i not in known]
                known = dict(self.files)
                yield {
                    "type": "change",
                    "since": since,
                    **self.account(),
                    "files": news,
                    "part": 1,
                    "parts": 1,
                }


def content(file_id: int, size: int) -> bytes:
    """Bytes that differ from file to file."""
    block = hashlib.sha256(str(file_id).encode()).digest()
    return (block * (size // len(block) + 1))[:size]
