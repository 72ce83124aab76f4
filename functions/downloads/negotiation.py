"""Which media type a client wants, by its Accept header (RFC 9110, section 12.5.1). Standard library only."""

import re
from collections.abc import Sequence

WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
RANGE = re.compile(rf"({WORD})/({WORD})", re.ASCII)
QUALITY = re.compile(r"q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)", re.ASCII | re.IGNORECASE)
Ranges = dict[tuple[str, str], float]


def preferred(accept: str | None, offered: Sequence[str]) -> str | None:
    """The type with the highest quality, the first of ``offered`` among equals; None when none is wanted.

    A range that cannot be read counts for nothing, and a header without any other as no header. Parameters
    but ``q`` are not looked at: no type is offered in more than one variant.
    """
    ranges = _ranges(accept or "")
    if not ranges:
        return offered[0]
    best = max(offered, key=lambda media_type: _quality(media_type, ranges))
    return best if _quality(best, ranges) > 0 else None


def _quality(media_type: str, ranges: Ranges) -> float:
    """That of the most specific range that the type is in."""
    kind, _, name = media_type.partition("/")
    named = ((kind, name), (kind, "*"), ("*", "*"))
    return next((ranges[each] for each in named if each in ranges), 0.0)


def _ranges(accept: str) -> Ranges:
    found: Ranges = {}
    for element in accept.split(","):
        text, *parameters = (part.strip(" \t") for part in element.split(";"))
        match = RANGE.fullmatch(text)
        quality = _weight(parameters)
        if match and quality is not None:
            named = (match[1].lower(), match[2].lower())
            found[named] = max(quality, found.get(named, 0.0))
    return found


def _weight(parameters: Sequence[str]) -> float | None:
    """1 where there is none; None when it cannot be read."""
    given = next((each for each in parameters if each.lower().startswith("q=")), "q=1")
    match = QUALITY.fullmatch(given)
    return float(match[1]) if match else None
