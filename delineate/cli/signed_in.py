"""The service as the commands use it: with the token of whoever signed in, and telling of long waits."""

import time

from delineate import words
from delineate.api import Api
from delineate.auth.tokens import tokens_for
from delineate.cli.ending import say

SILENT_WAIT_SECONDS = 3.0


def signed_in(api_url: str) -> Api:
    """A connection to close; calls go without a token while nobody has signed in."""
    return Api(api_url, sleep=_patiently, tokens=tokens_for(api_url))


def _patiently(seconds: float) -> None:
    if seconds >= SILENT_WAIT_SECONDS:
        say(f"The service asks for patience: trying again in {words.span(seconds)}.")
    time.sleep(seconds)
