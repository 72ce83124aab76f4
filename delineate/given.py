"""What callers hand over, checked before any call: each raises `ValueError` that names what is allowed."""

import operator
from collections.abc import Iterable
from typing import SupportsIndex
from urllib.parse import urlsplit
from uuid import UUID

from delineate import words

LONGEST_KEY = 255
LONGEST_URL = 2048


def web_address(url: str) -> str:
    """The address as it was given: http or https, with a host, 2,048 characters at most."""
    if len(url) > LONGEST_URL or not _is_web(url):
        raise ValueError(
            f"{words.quoted(url)} is not an http(s) address such as https://downloads.example.com"
        )
    return url


def job_id(text: str) -> str:
    """The id of a job in its usual form (RFC 9562), so that it can be no other part of an address."""
    try:
        return str(UUID(text.strip()))
    except (ValueError, AttributeError):
        example = "7f3e5c1a-0b1d-4c7e-9d3f-2a4b6c8d0e1f"
        raise ValueError(f"{words.quoted(text)} is not the id of a job, such as {example}") from None


def file_ids(given: Iterable[int]) -> list[int]:
    """The ids, each once and in their order; one at least."""
    ids, wrong = [], []
    for each in given:
        if isinstance(each, SupportsIndex) and not isinstance(each, bool):
            ids.append(operator.index(each))
        else:
            wrong.append(words.quoted(each))
    if wrong:
        verb = "is no id" if len(wrong) == 1 else "are no ids"
        raise ValueError(f"file_ids: {words.some(wrong)} {verb} of a file: ids are whole numbers")
    if not ids:
        raise ValueError("file_ids: one id at least is needed")
    return list(dict.fromkeys(ids))


def idempotency_key(key: str) -> str:
    """The key: 1 to 255 ASCII characters that can be seen."""
    if not 1 <= len(key) <= LONGEST_KEY or not all("!" <= letter <= "~" for letter in key):
        raise ValueError(
            f"{words.quoted(key)} is no key: it takes 1 to {LONGEST_KEY} ASCII characters, no spaces"
        )
    return key


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)
