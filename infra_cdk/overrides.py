"""Settings from the command line, `-c MAX_CONCURRENCY=10`, or a variable, `DELINEATE_MAX_CONCURRENCY`."""

import difflib
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import get_type_hints

from infra_cdk.config import Config

ALIKE = 0.8
FIXED = {"stage", "addresses", "metric_math"}

PREFIX = "DELINEATE_"
"""Of the variables that are settings: a shell has a LOG_LEVEL or a BUCKET_NAME for other things too."""

SECRET = {"OTLP_HEADERS", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY", "SENTRY_DSN"}
HIDDEN = "***"
"""What stands for a secret's value where settings are told."""


def _boolean(text: str) -> bool:
    words = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    if text.lower() not in words:
        raise ValueError("true or false")
    return words[text.lower()]


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError("a whole number") from None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError("a number") from None


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


PARSERS: dict[object, Callable[[str], object]] = {
    bool: _boolean,
    int: _whole,
    float: _number,
    tuple[str, ...]: _names,
}


def setting_names() -> tuple[str, ...]:
    """Every name an override may have, in capitals."""
    return tuple(field.name.upper() for field in fields(Config) if field.name not in FIXED)


def pairs_of(texts: Sequence[str]) -> dict[str, str]:
    """`NAME=value` texts as a mapping. Raises ValueError for another form or an unknown name."""
    for text in texts:
        name, equals, _ = text.partition("=")
        if not equals:
            raise ValueError(f"{text!r} is not NAME=value")
        if name not in setting_names():
            raise ValueError(f"{name} is no setting: {', '.join(setting_names())}")
    return dict(text.split("=", 1) for text in texts)


def given(environment: Mapping[str, str], context: Mapping[str, str]) -> dict[str, str]:
    """Texts by the names of settings: variables with the prefix, and the context, which goes first."""
    prefixed = {name: environment.get(PREFIX + name, "") for name in setting_names()}
    return {**prefixed, **context}


def arguments(texts: Mapping[str, str]) -> str:
    """The settings that say something, as `-c` words for a shell; a secret's value is left out."""
    told = {name: HIDDEN if name in SECRET else text for name, text in texts.items() if text}
    return shlex.join(word for name, text in told.items() for word in ("-c", f"{name}={text}"))


def misspelt(environment: Mapping[str, str]) -> list[str]:
    """A sentence for each variable that looks like a setting and is none; the client's own look like none."""
    told = []
    for name in sorted(environment):
        rest = name.removeprefix(PREFIX)
        if rest != name and rest not in setting_names():
            close = difflib.get_close_matches(rest.upper(), setting_names(), 1, ALIKE)
            told += [f"the variable {name} is no setting; is {PREFIX}{setting} meant?" for setting in close]
    return told


def parse(texts: Mapping[str, str]) -> dict[str, object]:
    """Typed values of the settings found in `texts`; an empty text leaves the stage's own value.

    Raises:
        ValueError: a value of the wrong type, naming the setting and what it takes.
    """
    types = get_type_hints(Config)
    found: dict[str, object] = {}
    for name in setting_names():
        text = texts.get(name, "")
        if text == "":
            continue
        try:
            found[name.lower()] = PARSERS.get(types[name.lower()], str)(text)
        except ValueError as wrong:
            raise ValueError(f"{name} is {text!r}: it takes {wrong}") from None
    return found
