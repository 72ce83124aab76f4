"""Whoever signs in: asked, so that nothing secret stands in an option or a history."""

from typing import Protocol

# Ends the label of a question that was asked before, against slips of the hand.
AGAIN = " again"


class Person(Protocol):
    """Answers questions; raises `SignInFailed` when nobody is there to answer."""

    def ask(self, label: str) -> str:
        """An answer that may be seen."""

    def ask_secret(self, label: str) -> str:
        """An answer that is not shown while it is typed."""

    def tell(self, line: str) -> None:
        """Something to know or to do meanwhile."""
