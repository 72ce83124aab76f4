"""The person at the terminal of this process, who is asked."""

import getpass
import sys
from pathlib import Path

from delineate.cli.ending import say
from delineate.errors import SignInFailed


class AtTerminal:
    """A `Person` at the terminal of this process."""

    def ask(self, label: str) -> str:
        """See `Person`."""
        if not sys.stdin.isatty():
            return self.ask_secret(label)
        sys.stderr.write(f"{label}: ")
        sys.stderr.flush()
        return _given(sys.stdin.readline().strip(), label)

    def ask_secret(self, label: str) -> str:
        """See `Person`."""
        if not _has_terminal():
            raise SignInFailed(f"There is no terminal to ask for the {label.lower()}.")
        try:
            return _given(getpass.getpass(f"{label}: "), label)
        except EOFError:
            raise SignInFailed(f"No {label.lower()} was given.") from None

    def tell(self, line: str) -> None:
        """See `Person`."""
        say(line)


def _given(answer: str, label: str) -> str:
    if not answer:
        raise SignInFailed(f"No {label.lower()} was given.")
    return answer


def _has_terminal() -> bool:
    try:
        Path("/dev/tty").open("rb").close()
    except OSError:
        return sys.stdin.isatty()
    return True
