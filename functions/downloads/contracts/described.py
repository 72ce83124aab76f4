"""Replies as models of pydantic, of which the OpenAPI document is made; nothing else needs them."""

from functools import cache
from typing import Annotated, Any, get_args, get_origin

from msgspec import Meta
from msgspec.structs import FieldInfo, fields
from pydantic import BaseModel, Field, create_model

from downloads.contracts.base import Reply

BOUNDS = ("ge", "le", "description")


@cache
def model_of(reply: type[Reply]) -> type[BaseModel]:
    """With the fields of a reply, what bounds them, and its docstring."""
    described: dict[str, Any] = {field.name: _field(field) for field in fields(reply)}
    return create_model(reply.__name__, __doc__=reply.__doc__, __module__=reply.__module__, **described)


def _field(field: FieldInfo) -> tuple[Any, Any]:
    return _kind(field.type), ... if field.required else field.default


def _kind(kind: Any) -> Any:
    if get_origin(kind) is not Annotated:
        return kind
    plain, *metas = get_args(kind)
    bounds = {name: getattr(meta, name) for meta in metas if isinstance(meta, Meta) for name in BOUNDS}
    return Annotated[plain, Field(**bounds)]
