"""What all bodies have in common, and the one shape of every error."""

from typing import TYPE_CHECKING, Annotated, Any, dataclass_transform

from msgspec import Meta, Struct, StructMeta
from msgspec.json import encode

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

Count = Annotated[int, Meta(ge=0)]
Number = Annotated[int, Meta(ge=1)]


class ByName(StructMeta):
    """Has fields given by their names alone, in any order; msgspec would have each class say so."""

    def __new__(cls, name: str, bases: Any, namespace: Any, **config: Any) -> Any:
        return super().__new__(cls, name, bases, namespace, kw_only=True, **config)


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Body(Struct, metaclass=ByName, frozen=True):
    """A JSON object."""

    def json(self) -> str:
        return encode(self).decode()


class Message(Body, forbid_unknown_fields=True):
    """A body that this service puts into a queue, and reads there."""


class Reply(Body, omit_defaults=True):
    """A field that has its default is left out; where the contract promises a null, there is no default."""

    @classmethod
    def __get_pydantic_core_schema__(cls, _: object, handler: "GetCoreSchemaHandler") -> "CoreSchema":
        """For the OpenAPI document, which is made by pydantic."""
        from downloads.contracts.described import model_of  # noqa: PLC0415 # slow to import

        return handler(model_of(cls))


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
