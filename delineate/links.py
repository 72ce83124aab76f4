"""Links to the files of one job, fetched by the page when many are wanted and singly when few are."""

import threading
from collections.abc import Iterable
from itertools import islice

from delineate.api import Api
from delineate.backoff import pauses
from delineate.contracts import Link
from delineate.errors import FileFault, Stopped

# A page costs about as much as one link: from so many lacking links on, pages are cheaper.
FEW = 4
ATTEMPTS = 5


class LinkDesk:
    """Hands out links to files that are ready. Safe to share by threads."""

    def __init__(self, api: Api, job_id: str, stop: threading.Event) -> None:
        self._api = api
        self._job_id = job_id
        self._stop = stop
        self._lock = threading.Lock()
        self._lacking: set[int] = set()
        self._held: dict[int, Link] = {}

    def expect(self, file_ids: Iterable[int]) -> None:
        """These files are ready; their links will be asked for."""
        with self._lock:
            self._lacking.update(file_ids)

    def take(self, file_id: int) -> Link:
        """The link to a file that is ready; an old one may have ended, see `fresh`.

        Raises `FileFault`, `ServiceError`, `Unreachable`.
        """
        with self._lock:
            if file_id not in self._held and len(self._lacking) > FEW:
                self._fetch_pages()
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

    def _fetch_pages(self) -> None:
        for page in self._api.links_pages(self._job_id):
            wanted = [link for link in page.files if link.file_id in self._lacking]
            self._held.update((link.file_id, link) for link in wanted)
            self._lacking.difference_update(link.file_id for link in wanted)
            if not self._lacking:
                return
