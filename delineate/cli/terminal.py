"""Who answers when somebody signs in: the person at the terminal, or the script on stdin."""

import getpass
import sys
from pathlib import Path

from delineate.auth.person import AGAIN
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


class OnStdin:
    """A `Person` for scripts: the password was the first line of stdin, a new one is the next."""

    def __init__(self) -> None:
        self._last = ""

    def ask(self, label: str) -> str:
        """See `Person`."""
        return AtTerminal().ask(label)

    def ask_secret(self, label: str) -> str:
        """See `Person`; asked for the same again, a script says the same."""
        if not label.endswith(AGAIN):
            self._last = sys.stdin.readline().rstrip("\r\n")
        if not self._last:
            raise SignInFailed(f"{label} is asked for, and no further line of stdin has it.")
        return self._last

    def tell(self, line: str) -> None:
        """See `Person`."""
        say(line)


def first_line() -> str:
    """The password on stdin."""
    if password := sys.stdin.readline().rstrip("\r\n"):
        return password
    raise SignInFailed("No password stands on stdin.")


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
