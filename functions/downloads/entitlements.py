"""Which files a caller may have: the hook that an adopter replaces. Standard library only."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from downloads.caller import Caller

# `files:` is optional: it keeps other groups of a user's apart.
RANGE = re.compile(r"(?:files:)?([0-9]{1,9})(?:-([0-9]{1,9}))?", re.ASCII)


class Entitlements(Protocol):
    """Decides by the caller alone, before anybody looks at the store."""

    def withheld(self, caller: Caller, file_ids: Collection[int]) -> frozenset[int]:
        """Those of the ids that the caller may not have, whether or not there are such files."""


class Everything:
    """Everybody may have every file: the default."""

    def withheld(self, caller: Caller, file_ids: Collection[int]) -> frozenset[int]:  # noqa: ARG002 # the port's
        return frozenset()


@dataclass(frozen=True, slots=True)
class ClaimedRanges:
    """An example: a claim of the token lists ids and ranges, ``files:70000-70099 80000``.

    With ``claim`` ``cognito:groups``, a group named ``files:70000-70099`` gives its members these files.
    Words of another form give nothing; without the claim nothing may be had.
    """

    claim: str

    def withheld(self, caller: Caller, file_ids: Collection[int]) -> frozenset[int]:
        # An HTTP API hands a claim that is a list on as "[a b]".
        words = re.split(r"[\s,\[\]]+", caller.claims.get(self.claim, ""))
        given = [
            (int(match[1]), int(match[2] or match[1])) for word in words if (match := RANGE.fullmatch(word))
        ]
        return frozenset(
            file_id for file_id in file_ids if not any(first <= file_id <= last for first, last in given)
        )
