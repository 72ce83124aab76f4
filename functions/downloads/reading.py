"""What comes from outside, read as a type of msgspec. What is wrong with it is said, never what it says."""

import re
from collections.abc import Mapping
from typing import TypeVar

from msgspec import DecodeError, ValidationError, convert
from msgspec.json import decode

Shape = TypeVar("Shape")
# The only words of msgspec's that quote what was read.
ENUM = r"(?<=^Invalid enum value ).*(?= - at `\$)"
FIELD = r"(?<=^Object contains unknown field ).*(?= - at `\$)|(?<=^Object contains unknown field ).*"
QUOTED = re.compile(f"{ENUM}|{FIELD}", re.DOTALL)


def read_json(text: str, shape: type[Shape]) -> Shape:
    """A text in JSON. Raises msgspec's ValidationError for one that is no ``shape``, or no JSON."""
    try:
        return decode(text, type=shape)
    except (DecodeError, UnicodeError, RecursionError) as error:
        raise _unquoted(error) from None


def read_texts(texts: Mapping[str, object], shape: type[Shape]) -> Shape:
    """Texts by their names, numbers and true or false among them. Raises msgspec's ValidationError."""
    try:
        return convert(texts, type=shape, strict=False)
    except ValidationError as error:
        raise _unquoted(error) from None


def _unquoted(error: Exception) -> ValidationError:
    if isinstance(error, UnicodeEncodeError):
        return ValidationError(error.reason)
    return ValidationError(QUOTED.sub("(not shown)", str(error)))
