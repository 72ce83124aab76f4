"""One request for one file's bytes: what the storage answers, judged; what it sends, written."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus

import httpx

from delineate.contracts import Link
from delineate.download.shelf import Place, is_md5, md5_of
from delineate.download.verdict import Corrupt, Transient, announced_bytes, raise_for, strong_etag
from delineate.errors import FileFault
from delineate.limit import limited
from delineate.stop import Stop

CONTENT_RANGE = re.compile(r"bytes (?:(\d+)-\d+|\*)/(\d+|\*)")
# With these, S3's ETag looks like an MD5 and is none.
NO_MD5_HEADERS = (
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-customer-algorithm",
)


@dataclass
class Attempt:
    """A request for what is missing of `link`'s file in `place.part`, which is of version `etag`."""

    link: Link
    place: Place
    etag: str | None
    begun: Callable[[str | None], None]
    wrote: Callable[[int], None]
    stop: Stop = field(default_factory=Stop)

    def run(self, http: httpx.Client) -> str:
        """Leave the whole, checked file in `place.part`; returns its MD5.

        Raises `LinkRefused`, `Transient`, `Corrupt`, `FileFault`, `Stopped`, or an httpx error on the way.
        """
        held = self.place.part.stat().st_size if self.place.part.is_file() else 0
        headers = {"accept-encoding": "identity"}
        if held and self.etag:
            headers |= {"range": f"bytes={held}-", "if-range": f'"{self.etag}"'}
        limit = limited(http.timeout, self.stop)
        with http.stream("GET", self.link.downloadUrl, headers=headers, timeout=limit) as response:
            if response.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                return self._nothing_missing(response, held)
            raise_for(response)
            self._check_version(strong_etag(response))
            offset = self._offset(response, held)
            total = announced_bytes(response, offset)
            self._check_announced(total)
            return self._write(response, offset, total)

    def _nothing_missing(self, response: httpx.Response, held: int) -> str:
        """The part may be whole already; if not, it is of something else and goes."""
        told = CONTENT_RANGE.match(response.headers.get("content-range", ""))
        if str(held) == (told[2] if told else str(self.link.size)):
            return self._checked_md5(response, md5_of(self.place.part).hexdigest())
        self._discard()
        raise Transient("the part on disk was of another version")

    def _offset(self, response: httpx.Response, held: int) -> int:
        """Where the answer's first byte belongs; not every storage minds If-Range, so its ETag counts too."""
        if response.status_code != HTTPStatus.PARTIAL_CONTENT:
            return 0
        told = CONTENT_RANGE.match(response.headers.get("content-range", ""))
        if told and told[1] == str(held) and strong_etag(response) in (None, self.etag):
            return held
        self._discard()
        raise Transient("the object has changed")

    def _check_version(self, etag: str | None) -> None:
        if None not in (etag, self.link.etag) and etag != self.link.etag:
            self._discard()
            raise FileFault("CHANGED", "The object has changed since the job prepared it.")

    def _check_announced(self, total: int | None) -> None:
        if total is not None and self.link.size not in (None, total):
            self._discard()
            raise FileFault(
                "SIZE_MISMATCH",
                f"The object is {total} bytes long, but {self.link.size} were announced: it has changed "
                "since the job prepared it.",
            )

    def _write(self, response: httpx.Response, offset: int, total: int | None) -> str:
        if not offset:
            self.etag = strong_etag(response)
            self.place.part.unlink(missing_ok=True)
            self.begun(self.etag)
        digest = md5_of(self.place.part if offset else None)
        self.wrote(offset)
        with self.place.part.open("ab") as part:
            # As they come: of a chunk of fixed size, what had arrived would be lost with the connection.
            for chunk in response.iter_raw():
                part.write(chunk)
                digest.update(chunk)
                self.wrote(part.tell())
            written = part.tell()
        self._check_written(written, total if total is not None else self.link.size)
        return self._checked_md5(response, digest.hexdigest())

    def _check_written(self, written: int, expected: int | None) -> None:
        if expected is None or written == expected:
            return
        if written < expected:
            raise Transient(f"the answer ended after {written} of {expected} bytes")
        self._discard()
        raise Corrupt(f"{written} bytes came, {expected} were announced")

    def _checked_md5(self, response: httpx.Response, md5: str) -> str:
        # A storage that tells no ETag leaves the word to the service.
        etag = self.etag or self.link.etag
        if is_md5(etag) and md5 != etag and not any(h in response.headers for h in NO_MD5_HEADERS):
            self._discard()
            raise Corrupt("the bytes do not have the announced MD5")
        return md5

    def _discard(self) -> None:
        self.place.part.unlink(missing_ok=True)
