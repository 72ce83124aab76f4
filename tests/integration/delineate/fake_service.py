"""The service's contract on loopback, small: HTTP, WebSocket, and jobs that advance by themselves."""

import json
import logging
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

from tests.integration.delineate.fake_jobs import FakeJob
from tests.integration.delineate.fake_storage import FakeStorage, QuietServer

# The server of the library writes down what it hears, too.
QUIET = logging.getLogger("fake_service")
QUIET.setLevel(logging.INFO)
Answer = tuple[int, dict[str, Any], dict[str, str]]
# Of a job that nobody has.
NOBODYS = "7f3e5c1a-0b1d-4c7e-9d3f-2a4b6c8d0e1f"


class FakeService:
    """`pace` is seconds between steps of a job, `batch` how many files a step prepares."""

    def __init__(self, storage: FakeStorage, pace: float = 0.001, batch: int = 1, page: int = 1000) -> None:
        self.storage = storage
        self.pace = pace
        self.batch = batch
        self.page = page
        self.missing: set[int] = set()
        self.websocket = True
        # Whether it sends events, how long it holds an answer, and which versions callers said to hold.
        self.events = False
        self.hold = 0.2
        self.held: list[int | None] = []
        # Answers to give first instead of events.
        self.fail_events: list[Answer] = []
        self.keys: list[str | None] = []
        # How many times somebody must have subscribed by WebSocket before a job begins.
        self.watchers = 0
        self._subscribed = threading.Semaphore(0)
        # Files prepared before a job stands still; None: it goes on to its end.
        self.halt_at: int | None = None
        # Answers to give first: (status, body, headers), whatever is asked.
        self.refuse: list[Answer] = []
        self.fail_status: list[Answer] = []
        self.on_status: Callable[[FakeJob], None] = lambda _job: None
        self.fixed_ws_url: str | None = None
        # Cleared: every answer waits for it, and `waiting` tells that one does.
        self.before_answer = threading.Event()
        self.before_answer.set()
        self.waiting = threading.Event()
        self.asked: Counter[str] = Counter()
        # How to sign in, and the tokens that are taken; None: whoever comes is let in.
        self.auth: dict[str, str] | None = None
        self.tokens: set[str] | None = None
        self.authorizations: list[tuple[str, str | None]] = []
        # Connections that end, after their first frame, because their token has.
        self.expiries = 0
        # Cleared: the WebSocket lets nobody in, whatever the token.
        self.admits = True
        self.bodies: list[dict[str, Any]] = []
        self.jobs: dict[str, FakeJob] = {}
        self.size = lambda file_id: 1000 + file_id % 977
        self.filename = lambda file_id: f"{file_id}.zip"
        self._http = QuietServer(("127.0.0.1", 0), _handler(self))
        self._ws = serve(self._talk, "127.0.0.1", 0, process_request=self._admit, logger=QUIET)
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}/live"
        self.ws_url = f"ws://127.0.0.1:{self._ws.socket.getsockname()[1]}/live"

    def __enter__(self) -> Self:
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()
        threading.Thread(target=self._ws.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        for job in self.jobs.values():
            job.cancel()
        self._http.shutdown()
        self._http.server_close()
        self._ws.shutdown()

    def create(self, file_ids: list[int], bundle: bool = False) -> FakeJob:
        job = FakeJob(str(uuid.uuid4()), file_ids, self, bundle)
        self.jobs[job.id] = job
        threading.Thread(target=self._work, args=(job,), daemon=True).start()
        return job

    def _work(self, job: FakeJob) -> None:
        for _ in range(self.watchers):
            self._subscribed.acquire(timeout=60)
        while not job.ended and not (self.halt_at is not None and len(job.files) >= self.halt_at):
            time.sleep(self.pace)
            job.advance(self.batch)

    def known(self, authorization: str | None) -> bool:
        return self.tokens is None or (authorization or "").removeprefix("Bearer ") in self.tokens

    def _admit(self, socket: ServerConnection, request: Request) -> Response | None:
        authorization = request.headers.get("authorization")
        self.authorizations.append(("ws", authorization))
        return None if self.admits and self.known(authorization) else socket.respond(401, "Unauthorized")

    def _talk(self, socket: ServerConnection) -> None:
        for message in socket:
            told = json.loads(message)
            self.asked[f"ws {told['action']}"] += 1
            if told["action"] == "ping":
                socket.send(json.dumps({"type": "pong"}))
            elif told["action"] == "subscribe":
                self._subscribed.release()
                for frame in self.jobs[told["jobId"]].frames():
                    socket.send(json.dumps(frame))
                    if self.expiries:
                        self.expiries -= 1
                        socket.send(json.dumps({"type": "expired"}))
                        return

    def answer(  # noqa: PLR0911 # a line a call
        self, method: str, path: str, query: dict[str, str], body: dict[str, Any]
    ) -> Answer:
        parts = path.removeprefix("/live").strip("/").split("/")
        if self.refuse:
            return self.refuse.pop(0)
        if parts == [""]:
            links = {"websocket": self.fixed_ws_url or self.ws_url} if self.websocket else {}
            auth = {"auth": self.auth} if self.auth else {}
            return 200, {"service": "fake", "version": "1", "links": links, **auth}, {}
        if method == "POST" and parts[-1] == "retry":
            return 202, {**self.jobs[parts[-2]].reopened(), "totalFiles": 3, "estimatedTimeMs": 1000}, {}
        if method == "POST":
            return self._initiate(body)
        if parts[-1] == "downloads":
            return 200, self._listed(query), {}
        job = self.jobs.get(parts[-1])
        if job is None:
            return error(404, "JOB_NOT_FOUND", "There is no such job, or it has expired.")
        return self._cancel(job) if method == "DELETE" else self._look(job, parts[2] == "status", query)

    def _look(self, job: FakeJob, status: bool, query: dict[str, str]) -> Answer:
        if status:
            if self.fail_status:
                return self.fail_status.pop(0)
            self.on_status(job)
            return 200, job.status(query), {} if job.ended else {"retry-after": "0"}
        return 200 if job.ended else 202, job.links(query), {}

    def _listed(self, query: dict[str, str]) -> dict[str, Any]:
        jobs = [job.account() | {"createdAt": "2030-01-01T00:00:00Z"} for job in self.jobs.values()][::-1]
        start, limit = int(query.get("cursor", 0)), int(query.get("limit", self.page))
        more = {"nextCursor": str(start + limit)} if start + limit < len(jobs) else {}
        return {"jobs": jobs[start : start + limit], **more}

    def streamed(self, job_id: str, last_event_id: str | None) -> tuple[int, bytes]:
        """One answer of the stream of events, and its status."""
        self.held.append(int(last_event_id) if last_event_id else None)
        body = self.jobs[job_id].events(self.held[-1], self.hold)
        return (204, b"") if body is None else (200, body.encode())

    def _initiate(self, body: dict[str, Any]) -> Answer:
        self.bodies.append(body)
        if any(file_id < 10_000 for file_id in body["file_ids"]):
            return error(422, "INVALID_REQUEST", "The request is not valid.", [{"message": "id below 10000"}])
        job = self.create(sorted(set(body["file_ids"])), bundle="bundle" in body)
        reply = {"jobId": job.id, "status": "queued", "totalFiles": len(job.ids), "estimatedTimeMs": 1000}
        return 202, reply, {"location": f"status/{job.id}", "retry-after": "1"}

    def _cancel(self, job: FakeJob) -> Answer:
        if job.ended and not job.cancelled:
            return error(409, "JOB_ENDED", "The job has ended already.")
        job.cancel()
        return 200, job.status({"limit": "0"}), {}


def error(status: int, code: str, message: str, details: list[Any] | None = None) -> Answer:
    told: dict[str, Any] = {"code": code, "message": message}
    return status, {"error": told | ({"details": details} if details else {}), "requestId": "req-1"}, {}


def _handler(service: FakeService) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *_: object) -> None:
            """Quiet."""

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            body = json.loads(self.rfile.read(int(self.headers.get("content-length") or 0)) or b"{}")
            kind = "link" if "file_id" in query else parts.path.removeprefix("/live").rsplit("/", 1)[0]
            service.asked[f"{self.command} {kind}"] += 1
            if not service.before_answer.is_set():
                service.waiting.set()
                service.before_answer.wait(20)
            authorization = self.headers.get("authorization")
            service.authorizations.append((kind, authorization))
            service.keys += [key] if (key := self.headers.get("idempotency-key")) else []
            streamed = "/progress/" in parts.path
            if streamed and not service.events:
                status, reply, headers = error(404, "NOT_FOUND", "There is no such route.")
            elif streamed and service.fail_events:
                status, reply, headers = service.fail_events.pop(0)
            elif streamed and service.known(authorization):
                return self._stream(parts.path.rsplit("/", 1)[1])
            elif parts.path.rstrip("/") == "/live" or service.known(authorization):
                status, reply, headers = service.answer(self.command, parts.path, query, body)
            else:
                status, reply, headers = 401, {"message": "Unauthorized"}, {}
            raw = json.dumps(reply).encode()
            self.send_response(status)
            for name, value in {
                "x-request-id": "req-1",
                "content-type": "application/json",
                **headers,
            }.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)
            return None

        def _stream(self, job_id: str) -> None:
            status, raw = service.streamed(job_id, self.headers.get("last-event-id"))
            self.send_response(status)
            self.send_header("content-type", "text/event-stream; charset=utf-8")
            if status != 204:
                self.send_header("content-length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        do_POST = do_DELETE = do_GET

    return Handler
