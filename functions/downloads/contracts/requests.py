"""Bodies that callers send. Unknown fields, `true` for a number and numbers in quotes are refused."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, StrictInt, UrlConstraints

from downloads.bundle import BundleFormat
from downloads.file import Priority
from downloads.model import OnError

# The bounds are settings: the use case checks them, and the OpenAPI document shows the ones in force.
FileId = Annotated[StrictInt, Field(description="Numeric id of a file", examples=[70000])]

CallbackUrl = Annotated[HttpUrl, UrlConstraints(max_length=2_048)]


class Request(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class InitiateRequest(Request):
    """Files to prepare. Ids that stand twice count once."""

    file_ids: Annotated[list[FileId], Field(min_length=1, examples=[[70000, 70007]])]
    callback_url: CallbackUrl | None = None
    priority: Priority = Priority.NORMAL
    on_error: OnError = OnError.CONTINUE
    bundle: Annotated[
        BundleFormat | None, Field(description="One archive of all files that are ready, besides the files")
    ] = None


class FileRequest(Request):
    """One file, for the calls that answer at once."""

    file_id: FileId
