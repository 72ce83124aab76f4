"""The archive that a job was asked to put its files in: one file, or several parts of it."""

import hashlib
import threading
from pathlib import Path

from delineate.api import Api
from delineate.contracts import Archive, Bundle, Link
from delineate.download.fetch import Fetch, storage_client
from delineate.download.listener import Listener
from delineate.download.report import Outcome
from delineate.download.shelf import Shelf
from delineate.errors import FileFault, NoArchive
from delineate.standing import FileStatus
from delineate.stop import Stop


class ArchiveDownload:
    """Brings the archives of an ended job to `folder`, one after the other, until `stop` is set."""

    def __init__(
        self, api: Api, job_id: str, folder: Path, listener: Listener, stop: threading.Event
    ) -> None:
        self._api = api.within(Stop(stop))
        self._job_id = job_id
        self._folder = folder
        self._listener = listener
        self._stop = stop
        self._parts: dict[int, int] = {}

    def run(self) -> list[Path]:
        """Where the archives are. What is on disk already is not fetched again, what is half there resumed.

        Raises `NoArchive` when there is none, `FileFault` when it cannot be brought whole, `Stopped`,
        `ServiceError`, `Unreachable`, and `OSError` when the disk does not take it.
        """
        archives = ready(self._api.links(self._job_id, limit=0).bundle)
        self._parts = {key_of(self._job_id, archive.part): archive.part for archive in archives}
        with storage_client(1, self._api.network) as http:
            fetch = Fetch(http, Shelf(self._folder), self._fresh, self._stop, self._listener.moved)
            return [self._bring(fetch, archive) for archive in archives]

    def _bring(self, fetch: Fetch, archive: Archive) -> Path:
        place = fetch.bring(self._link(archive), self._listener.started)
        self._listener.ended(Outcome.brought(place))
        return place.path

    def _fresh(self, key: int) -> Link:
        archives = ready(self._api.links(self._job_id, limit=0).bundle)
        for archive in archives:
            if archive.part == self._parts[key]:
                return self._link(archive)
        raise FileFault("NO_LINK", "The service gives no link to this part of the archive any more.")

    def _link(self, archive: Archive) -> Link:
        told = archive.model_dump(exclude={"part"}, exclude_unset=True)
        name = archive.filename or f"{self._job_id}-{archive.part}.zip"
        return Link.model_validate(told | {"file_id": key_of(self._job_id, archive.part), "filename": name})


def ready(bundle: Bundle | None) -> list[Archive]:
    """The archives of a bundle that is complete; raises `NoArchive` with the reason for any other."""
    if bundle is None:
        raise NoArchive("NO_BUNDLE", "The job was not asked for an archive.")
    if bundle.status is FileStatus.FAILED:
        why = (bundle.error or "No reason was given").rstrip(".")
        raise NoArchive(bundle.errorCode or "FAILED", f"The archive could not be made: {why}.")
    if bundle.errorCode:
        # It is complete, and not all of it may be had by who asks now.
        raise NoArchive(bundle.errorCode, bundle.error or "You may not have it.")
    if bundle.status is not FileStatus.COMPLETED or not bundle.archives:
        raise NoArchive("NO_BUNDLE", "The job ended before its archive was made.")
    return bundle.archives


def key_of(job_id: str, part: int) -> int:
    """What stands for a file's id in the folder's ledger: below zero, where no file's id is."""
    digest = hashlib.sha256(f"{job_id}/{part}".encode()).digest()
    return -int.from_bytes(digest[:6])
