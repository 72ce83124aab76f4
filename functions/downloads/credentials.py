"""What a request brings that may let somebody in. Standard library only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from downloads.errors import NotSignedInError


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request brings; ``job_id`` is the job that it names, if any. Secrets are not shown in logs.

    The query parameters ``token`` and ``access_token`` are not among them: URLs are kept in logs.
    """

    authorization: str | None = field(default=None, repr=False)
    ticket: str | None = field(default=None, repr=False)
    origin: str | None = None
    job_id: str | None = None

    @classmethod
    def of(
        cls, headers: Mapping[str, str] | None, query: Mapping[str, str] | None, job_id: str | None = None
    ) -> Self:
        """Of a request's headers (names in any case) and query, where the job stands unless it is given.

        Raises NotSignedInError when a header that decides stands there twice.
        """
        given, asked = headers or {}, query or {}
        job = asked.get("jobId") if job_id is None else job_id
        return cls(_header(given, "authorization"), asked.get("ticket"), _header(given, "origin"), job)


def _header(headers: Mapping[str, str], name: str) -> str | None:
    found = [value for key, value in headers.items() if key.lower() == name]
    if len(found) > 1:
        raise NotSignedInError("a header stands there twice")
    return found[0] if found else None
