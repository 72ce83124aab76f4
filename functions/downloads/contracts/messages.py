"""The body of a queue message: one file of one job."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictInt


class FileMessage(BaseModel):
    """Small on purpose: everything else is read from the job, once a batch."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    jobId: UUID
    fileId: Annotated[StrictInt, Field(ge=0)]
    round: Annotated[StrictInt, Field(ge=1)] = 1
