"""Links to the files of one job, fetched by the page when many are wanted and singly when few are."""

import threading
from collections.abc import Iterable
from itertools import islice

from delineate.api import Api
from delineate.backoff import pauses
from delineate.contracts import Link
from delineate.errors import FileFault, Stopped
from delineate.stop import Stop

# Up to so many lacking links are asked for singly.
FEW = 4
# A page may bring again at most so many known links for each that lacks; else single calls are cheaper.
KNOWN_FOR_ONE = 3
LONGEST_PAGE = 1000
ATTEMPTS = 5


class LinkDesk:
    """Hands out links to the job's files, `file_ids`, as they get ready. Safe to share by threads.

    A page is a stretch of the job's files by ascending id, `limit` of them whether ready or not; its
    `nextCursor` is where the stretch ends. The cursors of earlier pages let each page begin close to what
    lacks, and what a page brings before its time is kept: all pages together bring at most four links a file.
    """

    def __init__(self, api: Api, job_id: str, file_ids: Iterable[int], stop: threading.Event) -> None:
        self._api = api.within(Stop(stop))
        self._job_id = job_id
        self._stop = stop
        self._lock = threading.Lock()
        self._ids = sorted(set(file_ids))
        self._position = {file_id: position for position, file_id in enumerate(self._ids)}
        # The cursors that stretches may begin with, by the position of their first file.
        self._cursors: dict[int, str | None] = {0: None}
        self._lacking: set[int] = set()
        self._known: set[int] = set()
        self._held: dict[int, Link] = {}

    def expect(self, file_ids: Iterable[int]) -> None:
        """These files are ready; their links will be asked for."""
        with self._lock:
            told = set(file_ids)
            self._known |= told
            self._lacking |= told - self._held.keys()

    def take(self, file_id: int) -> Link:
        """The link to a file that is ready; an old one may have ended, see `fresh`.

        Raises `FileFault`, `ServiceError`, `Unreachable`.
        """
        with self._lock:
            if file_id not in self._held:
                self._fetch_page(file_id)
            self._lacking.discard(file_id)
            link = self._held.pop(file_id, None)
        return link or self.fresh(file_id)

    def fresh(self, file_id: int) -> Link:
        """A link made just now; waits a little for a file whose result has not reached every reader yet."""
        for pause in islice(pauses(), ATTEMPTS):
            if link := self._api.link(self._job_id, file_id):
                return link
            if self._stop.wait(pause):
                raise Stopped
        raise FileFault("NO_LINK", "The service calls the file ready but gives no link to it.")

    def _fetch_page(self, file_id: int) -> None:
        """One page with `file_id` and what else lacks behind it, if a page is worth it."""
        if file_id not in self._lacking or file_id not in self._position:
            return
        begin = max(at for at in self._cursors if at <= self._position[file_id])
        stretch = self._ids[begin : begin + LONGEST_PAGE]
        last = max(position for position, id_ in enumerate(stretch) if id_ in self._lacking)
        stretch = stretch[: last + 1]
        lacking = self._lacking.intersection(stretch)
        again = len(self._known.intersection(stretch)) - len(lacking)
        if len(lacking) > FEW and again <= KNOWN_FOR_ONE * len(lacking):
            self._fetch(begin, stretch, lacking)

    def _fetch(self, begin: int, stretch: list[int], lacking: set[int]) -> None:
        page = self._api.links(self._job_id, self._cursors[begin], len(stretch))
        brought = {link.file_id: link for link in page.files}
        news = lacking | (brought.keys() - self._known)
        self._held.update((id_, link) for id_, link in brought.items() if id_ in news)
        self._known |= brought.keys()
        # What the page should have brought and did not is asked for singly.
        self._lacking -= lacking
        if page.nextCursor and lacking <= brought.keys():
            self._cursors[begin + len(stretch)] = page.nextCursor
