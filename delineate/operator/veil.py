"""Nothing that opens a door or names a person leaves an operator's command, whatever a log line holds."""

import re
from collections.abc import Iterable

ADDRESS = re.compile(r"""((?:https?|wss?)://)(?:[^/\s"'<>@]*@)?([^\s"'<>?#]*)(?:[?#][^\s"'<>]*)?""")
QUERY = re.compile(r"""\?[\w.~%\[\]-]+=[^\s"'<>)]*""")
SECRETS = re.compile(
    r"eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?|whsec_[\w+/=-]+"
    r"|(?<=[Bb]earer )[\w.~+/=-]{8,}|X-Amz-[\w-]+=[^\s&\"']*"
)
SHORTEST_NAME = 6
"""Shorter owners, if there were any, would be found inside of ordinary words."""
PUBLIC_OWNERS = frozenset({"anonymous"})


class Veil:
    """Takes queries, signatures, tokens and the owner's name out of texts."""

    def __init__(self, owner: str = "", digest: str = "") -> None:
        self._digest = digest
        self._names = sorted(_names(owner), key=len, reverse=True)

    def over(self, text: str) -> str:
        """The text as it may be shown: an address keeps its host and path."""
        for name in self._names:
            text = text.replace(name, self._digest)
        return SECRETS.sub("…", QUERY.sub("?…", ADDRESS.sub(r"\1\2", text)))


def _names(owner: str) -> Iterable[str]:
    """An owner as it is kept (`user:SUBJECT`), and the subject alone."""
    whole = {owner, owner.partition(":")[2]} - PUBLIC_OWNERS
    return (name for name in whole if len(name) >= SHORTEST_NAME)
