"""Takes out of a report what could be a secret, or could say who somebody is. Standard library only."""

import re
from typing import Any

GONE = "[scrubbed]"
LONGEST = 8_000
# Whatever stands under such a name is taken out, whatever it looks like.
NAMES = r"authori[sz]ation|cookie|ticket|token|secret|password|signature|credential|api[_-]?key|owner|e-?mail"
SECRET_NAME = re.compile(NAMES, re.IGNORECASE)
# In running text: what replaces each, in this order.
PATTERNS = [
    # Queries of URLs, absolute or not: presigned links, tickets, keys of callbacks.
    (re.compile(r"[?#][^\s\"'<>?]*=[^\s\"'<>)\]}]*"), f"?{GONE}"),
    (re.compile(r"://[^\s/@\"']+@"), f"://{GONE}@"),
    (re.compile(r"\b(?:bearer|basic)\s+[\w.~+/=-]+", re.IGNORECASE), GONE),
    (re.compile(rf"((?:{NAMES})[\w-]*[\"']?\s*[=:]\s*[\"']?)[^\s\"',;&)}}]+", re.IGNORECASE), rf"\1{GONE}"),
    (re.compile(r"\bwhsec_[\w+/=-]+"), GONE),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?"), GONE),
    (re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"), GONE),
    # Owners of jobs, and people.
    (re.compile(r"\buser:[^\s\"',;)\]}]+"), GONE),
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}"), GONE),
    # Tickets: 256 bits as base64url. Ids are shorter, and so are names.
    (re.compile(r"(?<![\w-])[A-Za-z0-9_-]{43}(?![\w-])"), GONE),
    # Any other long mixture of small letters, capitals and digits: keys, session tokens. No UUID, no digest.
    (re.compile(r"(?=[\w+/]*[a-z])(?=[\w+/]*[A-Z])(?=[\w+/]*\d)[A-Za-z0-9_+/]{32,}={0,2}"), GONE),
]
# Our own files and version: nothing of a caller is in them, and a path may look like a key.
PLAIN = {"abs_path", "filename", "release"}


def scrub(value: Any) -> Any:
    """The same, of JSON's types, without secrets."""
    if isinstance(value, str):
        return scrub_text(value)
    if isinstance(value, dict):
        return {name: _named(name, inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [scrub(inner) for inner in value]
    return value


def scrub_text(text: str) -> str:
    # Some patterns take time that grows with the square of a word's length.
    text = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    for pattern, instead in PATTERNS:
        text = pattern.sub(instead, text)
    return text


def _named(name: str, value: Any) -> Any:
    if name in PLAIN:
        return value
    return GONE if SECRET_NAME.search(name) and value is not None else scrub(value)
