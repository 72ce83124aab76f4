"""The manifest as a Metalink document (RFC 5854), which needs at least one file."""

from xml.sax.saxutils import escape, quoteattr

from downloads.manifests.entries import Entry, Writer

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<metalink xmlns="urn:ietf:params:xml:ns:metalink">\n'
FOOT = "</metalink>\n"


def file(entry: Entry) -> str:
    """The element of a file that is ready; there is none for what is not."""
    if not entry.ready:
        return ""
    stored = entry.ready.stored
    digest = f'    <hash type="md5">{stored.md5}</hash>\n' if stored.md5 else ""
    return (
        f"  <file name={quoteattr(entry.name)}>\n    <size>{stored.size}</size>\n{digest}"
        f"    <url>{escape(entry.ready.link.url)}</url>\n  </file>\n"
    )


METALINK = Writer("application/metalink4+xml", "meta4", file, HEAD, FOOT, needs_a_file=True)
