"""Write one archive: read a part ahead, upload it, note how far it is, look whether it is still wanted."""

from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass, replace
from zlib import crc32

from downloads.bundle import BundleError
from downloads.bundle_ports import Archive, Archives, Checkpoint, Part, Whole
from downloads.bundling.stream import ArchiveStream, Position
from downloads.bundling.volumes import Volume
from downloads.errors import (
    BundleFailedError,
    DownloadError,
    FileLostError,
    UploadGoneError,
)
from downloads.usecases.bindery import Bindery, Progress, look, pause, save


def write(volume: Volume, progress: Progress, shop: Bindery) -> None:
    """Writes one archive, from its last checkpoint on, until it is complete.

    Raises OutOfTimeError after a part when there is no time for another, NotBundlingError, LeaseLostError,
    BundleFailedError, StoreUnavailableError, StateUnavailableError, ContendedError.
    """
    while (archive := _attempt(volume, progress, shop)) is None:
        # Another run goes on, where there is no time for it in this one.
        pause(progress, shop)
    finished = (*progress.checkpoint.finished, archive)
    save(progress, replace(afresh(progress.checkpoint), finished=finished), shop)
    # An upload that was begun right before a crash is in no checkpoint.
    shop.archives.abort(volume.key)


def _attempt(volume: Volume, progress: Progress, shop: Bindery) -> Archive | None:
    """The archive; None when it has to be begun anew, without a file that was lost as it was copied."""
    if progress.checkpoint.upload_id is None:
        upload_id = shop.archives.begin(volume.key)
        save(progress, replace(progress.checkpoint, upload_id=upload_id), shop)
    try:
        with closing(ArchiveStream(volume, progress.checkpoint.position, shop.files.open)) as stream:
            _upload_all(volume, stream, progress, shop)
            files = len(stream.position.crcs)
        whole = _complete(volume, progress.checkpoint, shop.archives)
    except FileLostError as error:
        _leave_out(error, volume, progress, shop)
        return None
    except UploadGoneError as error:
        # A cancel's clearing away, most often.
        look(progress, shop)
        raise BundleFailedError(BundleError.UPLOAD_LOST) from error
    return Archive(volume.name, whole.size, whole.etag, files)


def _leave_out(lost: FileLostError, volume: Volume, progress: Progress, shop: Bindery) -> None:
    """Each file is left out at most once, so that this comes to an end."""
    before = progress.checkpoint
    left_out = {**before.position.left_out, lost.file_id: lost.code}
    save(progress, replace(afresh(before), position=Position(left_out=left_out)), shop)
    if before.upload_id:
        shop.archives.end(volume.key, before.upload_id)


def afresh(checkpoint: Checkpoint) -> Checkpoint:
    """The checkpoint before the next archive is begun, or the same one anew."""
    return replace(checkpoint, upload_id=None, parts=0, seal=0, position=Position())


@dataclass(frozen=True, slots=True)
class _Underway:
    """A part on its way, and the position behind it."""

    etag: Future[str]
    position: Position


def _upload_all(volume: Volume, stream: ArchiveStream, progress: Progress, shop: Bindery) -> None:
    size = volume.part_bytes(progress.checkpoint.sizes.part)
    underway: _Underway | None = None
    number = progress.checkpoint.parts
    upload_id = progress.checkpoint.upload_id or ""
    while True:
        try:
            data = stream.part(size)
        except DownloadError:
            # What is uploaded by now is noted all the same.
            if underway:
                _settle(underway, progress, shop)
            raise
        if underway:
            _settle(underway, progress, shop)
            if not data:
                return
            pause(progress, shop)
        if not data:
            return
        number += 1
        etag = shop.pool.submit(shop.archives.upload, volume.key, upload_id, number, data)
        underway = _Underway(etag, stream.position)


def _settle(underway: _Underway, progress: Progress, shop: Bindery) -> None:
    """Notes a part once it is uploaded."""
    checkpoint = progress.checkpoint
    seal = sealed(checkpoint.seal, underway.etag.result())
    noted = replace(checkpoint, parts=checkpoint.parts + 1, seal=seal, position=underway.position)
    save(progress, noted, shop)
    shop.on_part(underway.position.offset - checkpoint.position.offset)
    progress.moved = True


def _complete(volume: Volume, checkpoint: Checkpoint, archives: Archives) -> Whole:
    """The archive of all parts, or the one that a run made of them before it crashed."""
    upload_id = checkpoint.upload_id or ""
    try:
        parts = archives.parts(volume.key, upload_id)
        if _seal_of(parts) != (checkpoint.parts, checkpoint.seal):
            raise BundleFailedError(BundleError.UPLOAD_LOST)
        return archives.complete(volume.key, upload_id, parts)
    except UploadGoneError:
        found = archives.find(volume.key)
        if found is None or found.size != checkpoint.position.offset:
            raise
        return found


def _seal_of(parts: Sequence[Part]) -> tuple[int, int]:
    seal = 0
    for part in parts:
        seal = sealed(seal, part.etag)
    return len(parts), seal


def sealed(seal: int, etag: str) -> int:
    """The seal over one part more."""
    return crc32(etag.encode(), seal)
