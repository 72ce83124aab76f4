"""What all replies have in common, and the one shape of every error."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Reply(BaseModel):
    """A field without a value is left out, unless the contract promises a null."""

    model_config = ConfigDict(frozen=True, defer_build=True)
    nulls: ClassVar[bool] = False

    def body(self) -> str:
        return self.model_dump_json(exclude_none=not self.nulls)


class Message(BaseModel):
    """A body that this service puts into a queue, and reads there."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class ErrorDetail(Reply):
    field: str
    message: str


class ErrorBody(Reply):
    code: str
    message: str
    details: list[ErrorDetail] | None = None


class ErrorReply(Reply):
    """Every error has this shape. ``requestId`` finds its lines in the logs."""

    error: ErrorBody
    requestId: str


class GatewayReply(Reply):
    """What API Gateway itself answers, before any function is called."""

    message: str
