"""What tells one plan of a round's archives from another: a run goes on with its own alone."""

import json
from collections.abc import Sequence
from hashlib import sha256

from downloads.bundling.contents import WORDS
from downloads.bundling.volumes import Volume

# Of an archive's bytes: whoever changes its records or its manifest raises it, so that none is half of each.
FORMAT = 1


def digest(volumes: Sequence[Volume]) -> str:
    """Differs whenever a byte of an archive would: another key template, a lost result, another release."""
    told = [FORMAT, WORDS, [_told(volume) for volume in volumes]]
    return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _told(volume: Volume) -> list[object]:
    members = [
        (each.file_id, each.name, each.stored.key, each.stored.size, each.stored.etag, each.stored.md5)
        for each in volume.members
    ]
    missing = [(each.file_id, each.name, each.code) for each in volume.missing]
    return [volume.key, volume.names, volume.created_at.isoformat(), members, missing]
