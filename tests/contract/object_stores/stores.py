"""The object stores of the suite: how each is reached, and what it is known to do otherwise than S3."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from downloads.aws.s3 import S3Objects
from downloads.setting_parts import ObjectSettings, read

STORES = ["moto", "emulator", "seaweedfs"]


class Lax(Enum):
    """What a store lets pass that S3 would refuse, or refuses in another way."""

    ANY_CALL = auto()
    """Signatures of the service's own calls are not looked at."""
    ANY_LINK = auto()
    """Signatures of links are not looked at, nor when they end."""
    UNSIGNED = auto()
    """Files are there for everybody."""
    HEAD_OF_DENIED = auto()
    """What a policy denies may be asked for by HEAD all the same."""
    MISSING_IS_REFUSED = auto()
    """A link to what is missing is a 403."""


LAX = {
    "moto": {Lax.ANY_CALL, Lax.ANY_LINK, Lax.HEAD_OF_DENIED, Lax.MISSING_IS_REFUSED},
    "emulator": {Lax.ANY_CALL, Lax.UNSIGNED},
    "seaweedfs": set[Lax](),
}
"""Each is expected as strictly as the rest: a store that mends its ways fails the suite."""

Objects = Callable[..., S3Objects]
"""The adapter as the functions make it, with some settings changed."""


@dataclass(frozen=True)
class Store:
    """A running store with two buckets; `owner` is a client that may do all in the first.

    The second is `closed` to the service, though it has the same file.
    """

    name: str
    endpoint: str
    keys: tuple[str, str]
    bucket: str
    closed: str
    owner: Any

    @property
    def lax(self) -> set[Lax]:
        return LAX[self.name]

    def put(self, key: str, body: bytes) -> None:
        self.owner.put_object(Bucket=self.bucket, Key=key, Body=body)

    def settings(self, **changes: str) -> ObjectSettings:
        """What a function is told of the store; `changes` by the names of the settings."""
        told: dict[str, str] = {
            "stage": "test",
            "table_name": "t",
            "bucket_name": self.bucket,
            "key_template": "downloads/{file_id}.zip",
            "url_ttl_seconds": "300",
            "s3_path_style": "true",
            "s3_region": "us-east-1",
            "s3_access_key_id": self.keys[0],
            "s3_secret_access_key": self.keys[1],
        }
        return read(ObjectSettings, told | changes)
