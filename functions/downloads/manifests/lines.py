"""Manifests that are lines of text: for ``wget -i``, ``aria2c -i`` and ``curl -K``."""

from downloads.manifests.entries import Entry, Writer

# Without these, a link that is refused would be saved as the file, and #1 or [0-9] would be read as patterns.
CURL_OPTIONS = "fail\ngloboff\n"


def url(entry: Entry) -> str:
    """A bare address: wget takes no comments, so what is not ready is left out."""
    return f"{entry.ready.link.url}\n" if entry.ready else ""


def aria2(entry: Entry) -> str:
    """An address, then its options, each indented on a line of its own."""
    if not entry.ready:
        return _comment(entry)
    md5 = entry.ready.stored.md5
    checksum = f" checksum=md5={md5}\n" if md5 else ""
    return f"{entry.ready.link.url}\n out={entry.name}\n{checksum}"


def curl(entry: Entry) -> str:
    """A pair of options; a backslash and a quote in a value are escaped, as curl's manual has it."""
    if not entry.ready:
        return _comment(entry)
    # A name of one dash would be standard output.
    name = "./-" if entry.name == "-" else entry.name
    return f"url = {_quoted(entry.ready.link.url)}\noutput = {_quoted(name)}\n"


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _comment(entry: Entry) -> str:
    why = f" {entry.failed.error_code}: {entry.failed.reason}" if entry.failed else ""
    return f"# {entry.file_id} {entry.status}{why}\n"


URLS = Writer("text/uri-list", "txt", url)
# Not `.aria2`, which is what aria2 calls the control file of an unfinished download.
ARIA2 = Writer("text/plain; charset=utf-8", "aria2.txt", aria2)
CURL = Writer("text/plain; charset=utf-8", "curl.txt", curl, CURL_OPTIONS)
