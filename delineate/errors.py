"""What can go wrong, as types: callers catch these and never read messages."""

from typing import Self

from delineate import words


class DelineateError(Exception):
    """The base of everything this package raises on purpose; `str()` is one sentence for a person.

    `code` is stable, for programs.
    """

    code = "ERROR"


class Unreachable(DelineateError):
    """No usable answer came from the service: no connection, a timeout, or something that is not its API."""

    code = "UNREACHABLE"


class ServiceError(DelineateError):
    """The service answered with an error.

    `code` is stable (`JOB_NOT_FOUND`), `message` is for people, `status` is the HTTP status and
    `request_id` is what the service's operator asks for.
    """

    def __init__(
        self,
        code: str,
        message: str,
        status: int,
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(code, message, status, request_id, retry_after)
        self.code = code
        self.message = message
        self.status = status
        self.request_id = request_id
        # Seconds after which the service would rather be asked again.
        self.retry_after = retry_after

    def __str__(self) -> str:
        """Message, when to try again, code and request id in one line."""
        asked = f", request {self.request_id}" if self.request_id else ""
        later = f"; try again in {words.span(self.retry_after)}" if self.retry_after else ""
        return f"{self.message.rstrip('.')}{later} ({self.code}{asked})."


class BadRequest(ServiceError):
    """400 or 422: the request itself is wrong, and no use sending again."""


class NotFound(ServiceError):
    """404: there is no such job (or it has expired, or is another's), or no such file in it."""


class Conflict(ServiceError):
    """409: the job stands where this cannot be done; `code` says why (`JOB_ENDED`, `NOTHING_TO_RETRY`, …)."""


class RateLimited(ServiceError):
    """429: too many new jobs, or too many open ones; `retry_after` seconds help."""


class SignInNeeded(ServiceError):
    """The service does not know who asks: there is no token, or it takes this one no more."""

    def __init__(
        self, message: str = "Sign in first: `delineate login`.", request_id: str | None = None
    ) -> None:
        super().__init__("UNAUTHENTICATED", message, 401, request_id)

    def __reduce__(self) -> tuple[type[Self], tuple[str, str | None]]:
        """By its own arguments, which are not its base's."""
        return type(self), (self.message, self.request_id)

    def __str__(self) -> str:
        """What to do, and no more."""
        return self.message


class SignInFailed(DelineateError):
    """Signing in, or keeping signed in, did not work; nothing that was typed stands in the message."""

    code = "SIGN_IN_FAILED"


class FileFault(DelineateError):
    """One file could not be brought to disk: `code` is stable, `message` says why in words."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        """Only the words; the code is shown apart."""
        return self.message


class NoArchive(FileFault):
    """The job has no archive: none was asked for, or it could not be made; its files may be ready."""


class Stopped(DelineateError):
    """The work was called off from outside, by Ctrl-C for one; what is on disk can be taken up again."""

    code = "STOPPED"

    def __str__(self) -> str:
        """See the class."""
        return "Stopped."


class TimedOut(DelineateError, TimeoutError):
    """The job had not ended in the time that was given; it goes on."""

    code = "TIMED_OUT"
