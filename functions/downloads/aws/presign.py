"""Presigned URLs that cost one HMAC each, byte for byte those of botocore's generate_presigned_url.

The rules are those of "Authenticating Requests: Using Query Parameters" (S3 API Reference). Where a bucket's
URLs lead, and the region that they are signed for, is botocore's word, asked for once.
"""

import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qs, quote, urlsplit

from downloads.file import SignedUrl, file_name

if TYPE_CHECKING:
    from botocore.credentials import Credentials, ReadOnlyCredentials
    from mypy_boto3_s3 import S3Client

UNQUOTED = re.compile(r"[\w.~-]+", re.ASCII)
DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Place:
    """What a bucket's URLs begin with, up to the key, and the host and region that they are signed for."""

    begin: str
    path: str
    host: str
    region: str


@dataclass(frozen=True, slots=True)
class Seal:
    """What all signatures of one second have in common; parts of a query are quoted."""

    time: str
    scope: str
    key: bytes
    query: str
    token: str


class Links:
    """The ArchiveLinks port on one bucket: URLs that download an object under the last step of its key.

    ``ttl`` is at most 7 days. ``client`` has the same ``credentials``, and signs by version 4 for S3.
    """

    def __init__(self, client: "S3Client", credentials: "Credentials", bucket: str, ttl: timedelta) -> None:
        self._client = client
        self._credentials = credentials
        self._bucket = bucket
        self._ttl = ttl

    def presign(self, key: str, now: datetime) -> SignedUrl:
        """Needs no call to the store. S3 counts in whole seconds: ends ``ttl`` after the one of ``now``."""
        second = now.astimezone(UTC).replace(microsecond=0)
        keys = self._credentials.get_frozen_credentials()
        seal = _seal(keys, self._place.region, second, int(self._ttl.total_seconds()))
        return SignedUrl(_signed(key, self._place, seal), second + self._ttl)

    @cached_property
    def _place(self) -> Place:
        probe = self._client.generate_presigned_url("get_object", {"Bucket": self._bucket, "Key": "-"})
        url = urlsplit(probe)
        query = parse_qs(url.query)
        scope = query.get("X-Amz-Credential", [""])[0].split("/")
        if scope[-2:] != ["s3", "aws4_request"] or query["X-Amz-SignedHeaders"] != ["host"]:
            raise ValueError(f"URLs of a bucket of this kind are signed in another way: {self._bucket}")
        path = url.path.removesuffix("-")
        return Place(f"{url.scheme}://{url.netloc}{path}", path, _host(url), scope[-3])


def _signed(key: str, place: Place, seal: Seal) -> str:
    path = quote(key, safe="/~")
    named = f"response-content-disposition={_quoted_disposition(file_name(key))}"
    # Signed in the order of the names, but written in botocore's.
    canonical_query = f"{seal.query}{seal.token}&X-Amz-SignedHeaders=host&{named}"
    request = f"GET\n{place.path}{path}\n{canonical_query}\nhost:{place.host}\n\nhost\nUNSIGNED-PAYLOAD"
    digest = sha256(request.encode()).hexdigest()
    signature = _hmac(seal.key, f"AWS4-HMAC-SHA256\n{seal.time}\n{seal.scope}\n{digest}").hex()
    query = f"{named}&{seal.query}&X-Amz-SignedHeaders=host{seal.token}&X-Amz-Signature={signature}"
    return f"{place.begin}{path}?{query}"


@lru_cache(maxsize=4)
def _seal(keys: "ReadOnlyCredentials", region: str, second: datetime, ttl_s: int) -> Seal:
    time = f"{second:%Y%m%dT%H%M%SZ}"
    scope = f"{time[:8]}/{region}/s3/aws4_request"
    credential = _quoted(f"{keys.access_key}/{scope}")
    query = (
        f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={credential}"
        f"&X-Amz-Date={time}&X-Amz-Expires={ttl_s}"
    )
    token = "" if keys.token is None else f"&X-Amz-Security-Token={_quoted(keys.token)}"
    return Seal(time, scope, _signing_key(keys.secret_key, time[:8], region), query, token)


@lru_cache(maxsize=4)
def _signing_key(secret: str, day: str, region: str) -> bytes:
    """Good for a day and a region ("Create a signed AWS API request", IAM User Guide)."""
    key = f"AWS4{secret}".encode()
    for part in (day, region, "s3", "aws4_request"):
        key = _hmac(key, part)
    return key


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")


def _quoted(text: str) -> str:
    return quote(text, safe="-_.~")


def _host(url: SplitResult) -> str:
    """As a client names it in the header: in small letters, without a port that goes without saying."""
    name = f"[{url.hostname}]" if ":" in (url.hostname or "") else f"{url.hostname}"
    return name if url.port in (None, DEFAULT_PORTS[url.scheme]) else f"{name}:{url.port}"


def _quoted_disposition(name: str) -> str:
    # Most names need no quotes, and a look is a third of the price of quoting them.
    if UNQUOTED.fullmatch(name):
        return f"attachment%3B%20filename%3D%22{name}%22"
    return _quoted(content_disposition(name))


def content_disposition(name: str) -> str:
    """An attachment's name by RFC 6266: plain ASCII, and the full name in UTF-8 where that differs."""
    clean = "".join(letter for letter in name if letter.isprintable() and letter not in '"\\/')
    ascii_name = clean.encode("ascii", "replace").decode().replace("?", "_")
    plain = f'attachment; filename="{ascii_name}"'
    return plain if ascii_name == clean else f"{plain}; filename*=UTF-8''{quote(clean, safe='')}"
