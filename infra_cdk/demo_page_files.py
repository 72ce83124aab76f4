"""The files that the demo page offers: those of DEMO_FILES, or the samples that a local cloud has."""

import re
from typing import TYPE_CHECKING

from infra_cdk import samples

if TYPE_CHECKING:
    from infra_cdk.config import Config

ENTRY = re.compile(r"(?P<id>[0-9]{1,9})(=(?P<name>[^\x00-\x1f]{1,100}))?")

SETTINGS_FILE = "config.json"
"""What the page asks for first, beside itself: `{apiUrl, files}`."""

HASHED = "assets"
"""The folder of the build whose files are named by their content."""

FOR_A_YEAR = "public, max-age=31536000, immutable"
ALWAYS_ASK = "no-cache"
"""For all else: browsers keep it, but ask whether it is still the same."""

Offered = dict[str, int | str]


def listed(config: "Config") -> None:
    """Each is an id of a legal file, and a name where a person should read one."""
    for entry in config.demo_files:
        found = ENTRY.fullmatch(entry)
        if not found:
            raise ValueError(f"DEMO_FILES has {entry!r}: it takes ID or ID=NAME, separated by commas")
        if not config.min_file_id <= int(found["id"]) <= config.max_file_id:
            raise ValueError(f"DEMO_FILES has {found['id']}: ids go from MIN_FILE_ID to MAX_FILE_ID")


def offered(config: "Config") -> list[Offered]:
    """`{id, name, size?}` of each file, in the order of the setting."""
    if not config.demo_files:
        return _samples()
    entries = [ENTRY.fullmatch(entry) for entry in config.demo_files]
    return [
        {"id": int(entry["id"]), "name": entry["name"] or f"File {entry['id']}"} for entry in entries if entry
    ]


def _samples() -> list[Offered]:
    there: list[Offered] = [
        {"id": file_id, "name": name, "size": len(samples.sample(file_id))}
        for file_id, name in samples.NAMES.items()
    ]
    # Without a size: there is no such file, so that a failure and a retry can be seen.
    return [*there, {"id": samples.MISSING, "name": "A file that is not there"}]
