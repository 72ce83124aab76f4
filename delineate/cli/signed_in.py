"""The service as the commands use it: with the token of whoever signed in, and telling of long waits."""

import time

from delineate import words
from delineate.cli.ending import say
from delineate.client import Client

SILENT_WAIT_SECONDS = 3.0


def signed_in(api_url: str) -> Client:
    """A connection to close; calls go without a token while nobody has signed in."""
    return Client(api_url, sleep=_patiently)


def _patiently(seconds: float) -> None:
    if seconds >= SILENT_WAIT_SECONDS:
        say(f"The service asks for patience: trying again in {words.span(seconds)}.")
    time.sleep(seconds)
