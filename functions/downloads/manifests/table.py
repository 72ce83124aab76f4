"""The manifest as CSV (RFC 4180): a row a file, ready or not, for spreadsheets and scripts."""

import csv
import io
from collections.abc import Sequence

from downloads.manifests.entries import Entry, Writer

COLUMNS = (
    "file_id",
    "status",
    "filename",
    "size",
    "md5",
    "downloadUrl",
    "urlExpiresAt",
    "errorCode",
    "error",
)
# Spreadsheets take a cell that begins like this for a formula (OWASP, CSV Injection); a quote makes it text.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def row(entry: Entry) -> str:
    told: list[object] = [entry.file_id, entry.status.value, entry.name]
    if ready := entry.ready:
        ends = ready.link.expires_at.isoformat().replace("+00:00", "Z")
        told += [ready.stored.size, ready.stored.md5, ready.link.url, ends]
    if failed := entry.failed:
        told += [None] * 4 + [failed.error_code.value, failed.reason]
    return _line(told + [None] * (len(COLUMNS) - len(told)))


def _line(cells: Sequence[object]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow([_harmless(cell) for cell in cells])
    return line.getvalue()


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


CSV = Writer("text/csv; charset=utf-8; header=present", "csv", row, _line(COLUMNS))
