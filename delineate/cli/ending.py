"""How commands end: exit codes, error sentences, and the one JSON document of `--json`."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import IntEnum

import typer
from pydantic import BaseModel

from delineate.errors import DelineateError, FileFault, ServiceError

EXIT_CODES = """Exit codes: 0 everything is there; 1 some file failed, or the job was cancelled: each file is
named with its reason; 2 wrong usage, or the service calls the request wrong; 3 the service cannot be reached
or refused, for one because nobody has signed in; 130 stopped by Ctrl-C; 141 nobody reads the output."""
# The service calls the request itself wrong: that is the caller's to mend, like a wrong option.
BAD_REQUEST = frozenset({400, 422})


class ExitCode(IntEnum):
    """What the process's exit code tells."""

    DONE = 0
    SOME_FAILED = 1
    USAGE = 2
    SERVICE = 3
    INTERRUPTED = 130
    # As if SIGPIPE, signal 13, had ended the process.
    HUNG_UP = 141


def say(line: str, bad: bool = False) -> None:
    """A line for people, on stderr; in red on a terminal when it is `bad`, unless `NO_COLOR` is set."""
    coloured = bad and sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    typer.secho(line, err=True, fg="red" if coloured else None)


def print_document(document: BaseModel | dict[str, object]) -> None:
    """One JSON document on stdout."""
    if isinstance(document, BaseModel):
        document = document.model_dump(mode="json", exclude_unset=True)
    typer.echo(json.dumps(document, indent=2, ensure_ascii=False))


def error_document(fault: DelineateError) -> dict[str, object]:
    """An error for `--json`, in the service's own shape."""
    if not isinstance(fault, ServiceError):
        return {"error": {"code": fault.code, "message": str(fault)}}
    told = {"code": fault.code, "message": fault.message, "status": fault.status}
    return {"error": told, "requestId": fault.request_id}


def code_of(fault: DelineateError) -> ExitCode:
    """The exit code for an error."""
    if isinstance(fault, FileFault):
        return ExitCode.SOME_FAILED
    bad_request = isinstance(fault, ServiceError) and fault.status in BAD_REQUEST
    return ExitCode.USAGE if bad_request else ExitCode.SERVICE


@contextmanager
def told_in_words(as_json: bool) -> Iterator[None]:
    """Turn what the service refuses into one sentence on stderr and an exit code."""
    try:
        yield
    except DelineateError as fault:
        say(f"delineate: {fault}", bad=True)
        if as_json:
            print_document(error_document(fault))
        raise typer.Exit(code_of(fault)) from fault
    except KeyboardInterrupt:
        say("Stopped.")
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    except BrokenPipeError:
        # What is buffered has nowhere to go, and Python would complain of that at the end.
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(ExitCode.HUNG_UP) from None
