"""One file to disk: tried until it is whole, resumed where it stopped, renamed when it is checked."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from delineate.backoff import pauses
from delineate.contracts import Link
from delineate.download.attempt import Attempt
from delineate.download.shelf import Place, Shelf
from delineate.download.verdict import Corrupt, LinkRefused, Transient
from delineate.errors import FileFault, Stopped
from delineate.network import Network
from delineate.stop import Stop

ATTEMPTS = 6
FRESH_LINKS = 3
CORRUPT_ANSWERS = 2
LONGEST_ASKED_PAUSE_SECONDS = 60.0
TIMEOUT = httpx.Timeout(30.0, connect=10.0)


def storage_client(parallel: int, network: Network | None = None) -> httpx.Client:
    """Connections to the storage, apart from the API's: nothing meant for the one reaches the other."""
    limits = httpx.Limits(max_connections=parallel, max_keepalive_connections=parallel)
    return (network or Network()).client(timeout=TIMEOUT, limits=limits, follow_redirects=True)


@dataclass
class Fetch:
    """Brings files to `shelf`. `fresh` gets a new link, `moved` hears of bytes on disk, `stop` ends it."""

    http: httpx.Client
    shelf: Shelf
    fresh: Callable[[int], Link]
    stop: threading.Event = field(default_factory=threading.Event)
    moved: Callable[[int, int], None] = lambda _file_id, _bytes: None
    first_pause: float = 0.5

    def bring(self, link: Link, started: Callable[[int, str, int | None], object]) -> Place:
        """Fetches the file to the place that is its own, unless it is there; `started` hears of its name and
        size. Raises as `run` does.
        """
        place = self.shelf.place(link)
        started(link.file_id, place.path.name, link.size)
        return self.run(link, place)

    def run(self, link: Link, place: Place) -> Place:
        """Where the whole file now is, which appears there at once and complete.

        That is `place`, or beside it if somebody put a file of their own there meanwhile. While another
        download brings the same file to the same folder, it is waited for. Raises `FileFault` with the
        reason, `Stopped` when `stop` was set (the part stays), `OSError` when the disk does not take it.
        """
        if place.complete:
            return self._present(link, place)
        with self.shelf.alone(place, self._pause):
            place = self.shelf.place(link)
            if place.complete:
                return self._present(link, place)
            etag, md5 = _Tries(self, link, place).run()
            return self.shelf.finish(link, place, etag, md5)

    def _present(self, link: Link, place: Place) -> Place:
        self.shelf.remember(place, link.etag)
        return place

    def _pause(self, seconds: float) -> None:
        if self.stop.wait(seconds):
            raise Stopped


class _Tries:
    """The attempts at one file; those that brought bytes do not count against it."""

    def __init__(self, fetch: Fetch, link: Link, place: Place) -> None:
        self._fetch = fetch
        self._link = link
        self._place = place
        self._etag = place.part_etag
        self._pauses = pauses(fetch.first_pause)
        self._vain = self._refused = self._corrupt = 0
        # A storage that always breaks off at the same place makes no headway, even if bytes come.
        self._furthest = place.part.stat().st_size if place.part.is_file() else 0

    def run(self) -> tuple[str | None, str]:
        """The version of the object that is now whole in the part, and its MD5."""
        while True:
            try:
                md5 = self._attempt().run(self._fetch.http)
                return self._etag, md5
            except LinkRefused as fault:
                self._after_refusal(fault)
            except Corrupt as fault:
                self._after_corruption(fault)
            except (Transient, httpx.TransportError) as fault:
                self._after_fault(fault)
            except (httpx.InvalidURL, httpx.TooManyRedirects) as fault:
                raise FileFault("BAD_LINK", f"The link cannot be used: {fault}.") from fault

    def _attempt(self) -> Attempt:
        stop = Stop(self._fetch.stop)
        return Attempt(self._link, self._place, self._etag, self._begun, self._wrote, stop)

    def _begun(self, etag: str | None) -> None:
        self._etag = etag
        self._fetch.shelf.begin(self._place, etag)

    def _wrote(self, position: int) -> None:
        if self._fetch.stop.is_set():
            raise Stopped
        if position > self._furthest:
            self._furthest, self._vain, self._refused = position, 0, 0
            self._pauses = pauses(self._fetch.first_pause)
        self._fetch.moved(self._place.file_id, position)

    def _after_refusal(self, fault: LinkRefused) -> None:
        self._refused += 1
        if self._refused > FRESH_LINKS:
            raise FileFault("FORBIDDEN", f"The storage refuses even fresh links ({fault}).") from fault
        self._link = self._fetch.fresh(self._place.file_id)

    def _after_corruption(self, fault: Corrupt) -> None:
        self._corrupt += 1
        if self._corrupt >= CORRUPT_ANSWERS:
            raise FileFault("CORRUPT", f"What arrived is not the file: {fault}.") from fault

    def _after_fault(self, fault: Exception) -> None:
        self._vain += 1
        if self._vain >= ATTEMPTS:
            raise FileFault("NETWORK", f"The download kept breaking off: {_in_words(fault)}.") from fault
        asked = fault.pause if isinstance(fault, Transient) else None
        if self._fetch.stop.wait(min(asked or next(self._pauses), LONGEST_ASKED_PAUSE_SECONDS)):
            raise Stopped


def _in_words(fault: Exception) -> str:
    if isinstance(fault, httpx.TimeoutException):
        return "the storage fell silent"
    return str(fault) or type(fault).__name__
