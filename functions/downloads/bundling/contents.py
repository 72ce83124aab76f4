"""MANIFEST.json: what is in an archive, what is not and why, and every checksum that is known."""

import json
from collections.abc import Mapping, Sequence
from zipfile import ZipInfo

from downloads.bundling.volumes import TOO_LARGE, Member, Volume
from downloads.file import REASONS

CHANGED = "CHANGED"
WORDS = {code.value: reason for code, reason in REASONS.items()} | {
    CHANGED: "The file changed after it was prepared.",
    TOO_LARGE: "The file is larger than an archive can hold: get it by its own link.",
}


def manifest(volume: Volume, members: Sequence[tuple[Member, ZipInfo]], left_out: Mapping[int, str]) -> bytes:
    """The document, always the same for the same archive.

    ``left_out`` are files that were prepared and could not be read any more, with the code why.
    """
    names = {member.file_id: member.name for member in volume.members}
    failed = {each.file_id: (each.name, each.code) for each in volume.missing}
    failed |= {file_id: (names[file_id], code) for file_id, code in left_out.items()}
    told = {
        "jobId": volume.job_id,
        "round": volume.round,
        "createdAt": volume.created_at.isoformat().replace("+00:00", "Z"),
        "part": volume.part,
        "parts": len(volume.names),
        "archives": list(volume.names),
        "files": [_member(member, info) for member, info in members],
        "failed": [_missing(file_id, *told) for file_id, told in sorted(failed.items())],
    }
    return json.dumps(told, ensure_ascii=False, indent=1).encode()


def _member(member: Member, info: ZipInfo) -> dict[str, object]:
    stored = member.stored
    told: dict[str, object] = {
        "file_id": member.file_id,
        "name": member.name,
        "size": stored.size,
        "crc32": f"{info.CRC:08x}",
        "etag": stored.etag,
    }
    if stored.md5:
        told["md5"] = stored.md5
    # Told where the archive had to call it something else.
    return told if stored.name == member.name else told | {"originalName": stored.name}


def _missing(file_id: int, name: str, code: str) -> dict[str, object]:
    return {"file_id": file_id, "name": name, "errorCode": code, "error": WORDS[code]}
