"""A job of the fake service: what it tells by status, links and frames."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fake_service import FakeService

EXPIRES = "2099-01-01T00:00:00Z"


class FakeJob:
    def __init__(self, job_id: str, ids: list[int], service: FakeService, bundle: bool = False) -> None:
        self.id = job_id
        self.ids = ids
        self.version = 1
        self.files: dict[int, dict[str, Any]] = {}
        self.cancelled = False
        # The files that wait to be restored, and until when.
        self.restoring: dict[int, str] = {}
        # Asked for: "pending", then how it ended; `bundle_fails` has it fail.
        self.bundle = "pending" if bundle else None
        self.bundle_fails = False
        self._service = service
        self._changed = threading.Condition()
        self.round = 1

    @property
    def ended(self) -> bool:
        return self.cancelled or (len(self.files) == len(self.ids) and self.bundle != "pending")

    def advance(self, batch: int) -> None:
        with self._changed:
            if len(self.files) == len(self.ids) and self.bundle == "pending":
                self._bundled()
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
            self.round += 1
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

    def _bundled(self) -> None:
        self.bundle = "failed" if self.bundle_fails else "completed"
        if self.archive not in self._service.storage.objects:
            body = b"".join(content(i, f["size"]) for i, f in self.files.items() if "size" in f)
            self._service.storage.put(self.archive, body, etag="0" * 32 + "-2")

    @property
    def archive(self) -> str:
        return f"bundles/{self.id}.zip"

    def told_bundle(self, links: bool) -> dict[str, Any]:
        if self.bundle is None:
            return {}
        told: dict[str, Any] = {"format": "zip", "status": self.bundle, "percentage": 0, "bytesDone": 0}
        if self.bundle == "failed":
            told |= {"error": "The files do not fit into one archive.", "errorCode": "TOO_LARGE"}
        if self.bundle == "completed" and links:
            found = self._service.storage.objects[self.archive]
            where = {"downloadUrl": self._service.storage.link(self.archive), "urlExpiresAt": EXPIRES}
            part = {"part": 1, "filename": "job.zip", "size": len(found.body), "etag": found.etag}
            told |= {"percentage": 100, "archives": [part | where]}
        return {"bundle": told}

    def account(self) -> dict[str, Any]:
        failed = sum(f["status"] == "failed" for f in self.files.values())
        done, total = len(self.files) - failed, len(self.ids)
        over = "failed" if failed == total else "completed"
        status = "cancelled" if self.cancelled else over if self.ended else "processing"
        percentage = 100 * len(self.files) // total
        counters = {"completed": done, "failed": failed, "total": total, "percentage": percentage}
        told = {"jobId": self.id, "version": self.version, "status": status, "progress": counters}
        told |= {"round": self.round} if self.round > 1 else {}
        return told | self.told_bundle(links=False)

    def status(self, query: dict[str, str]) -> dict[str, Any]:
        with self._changed:
            listed = [self.files.get(i) or self._waits(i) for i in self.ids]
            times = {"createdAt": "2030-01-01T00:00:00Z", "expiresAt": EXPIRES, "novelty": True}
            return self.account() | self._page(listed, query) | times | self.told_bundle(links=True)

    def _waits(self, file_id: int) -> dict[str, Any]:
        if file_id not in self.restoring:
            return {"file_id": file_id, "status": "pending"}
        told = {"code": "RESTORING", "estimatedReadyAt": self.restoring[file_id]}
        return {"file_id": file_id, "status": "processing", **told}

    def links(self, query: dict[str, str]) -> dict[str, Any]:
        with self._changed:
            ids = [int(query["file_id"])] if "file_id" in query else self.ids
            page = self._page([self.files.get(i, {"status": "pending"}) for i in ids], query)
            ready = [f for f in page["files"] if f["status"] == "completed"]
            linked = {"files": [self._link(f["file_id"], f["size"]) for f in ready]}
            return self.account() | page | linked | self.told_bundle(links=True)

    def _page(self, listed: list[dict[str, Any]], query: dict[str, str]) -> dict[str, Any]:
        start, limit = int(query.get("cursor", 0)), int(query.get("limit", self._service.page))
        more = {"nextCursor": str(start + limit)} if limit and start + limit < len(listed) else {}
        return {"files": listed[start : start + limit], **more}

    def _link(self, file_id: int, size: int) -> dict[str, Any]:
        name = f"downloads/{file_id}.zip"
        told = {"etag": self._service.storage.objects[name].etag, "filename": self._service.filename(file_id)}
        url = self._service.storage.link(name)
        return {"file_id": file_id, "downloadUrl": url, "urlExpiresAt": EXPIRES, "size": size, **told}

    def events(self, held: int | None, hold: float) -> str | None:
        """One answer of the stream of events; None when the job has ended at the version that is held."""
        with self._changed:
            if held == self.version and self.ended:
                return None
            if held is not None:
                self._changed.wait_for(lambda: self.version != held, hold)
            frames = []
            if held != self.version:
                kind = {"type": "snapshot"} if held is None else {"type": "change", "since": held}
                frames.append({**kind, **self.account(), "files": list(self.files.values())})
                if self.ended:
                    frames.append({"type": "end", **self.account(), "files": []})
        told = [f"id: {f['version']}\nevent: {f['type']}\ndata: {json.dumps(f)}\n\n" for f in frames]
        return "".join([": keep-alive\nretry: 1\n\n", *told])

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
