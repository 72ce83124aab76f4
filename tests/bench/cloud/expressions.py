"""What DynamoDB's expressions do to an item; updates are evaluated by moto's own parser."""

from collections.abc import Mapping
from copy import deepcopy
from types import SimpleNamespace
from typing import Any

from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.parsing.executors import UpdateExpressionExecutor
from moto.dynamodb.parsing.expressions import UpdateExpressionParser
from moto.dynamodb.parsing.validators import UpdateExpressionValidator

from tests.bench.cloud.conditions import true_of

Attributes = dict[str, Any]
# What moto's validator asks of a table: its keys, and the types of those of its indexes.
KEYS = SimpleNamespace(table_key_attrs=["PK", "SK"], attribute_keys=["PK", "SK"], attr=[])


def holds(request: Mapping[str, Any], item: Attributes | None) -> bool:
    """Whether the request's ConditionExpression, if it has one, is true of what stands there."""
    condition = request.get("ConditionExpression")
    return condition is None or true_of(condition, item or {}, *_given(request))


def updated(request: Mapping[str, Any], item: Attributes | None) -> Attributes:
    """The item after the request's UpdateExpression; made of the key where there was none."""
    names, values = _given(request)
    # Sets are held as they are given: what stood there must not change with it.
    changed = _item(deepcopy(item or request["Key"]))
    tree = UpdateExpressionParser.make(request["UpdateExpression"])
    checked = UpdateExpressionValidator(tree, names, values, changed, KEYS).validate()
    UpdateExpressionExecutor(checked, changed, names).execute()
    return {name: value.to_regular_json() for name, value in changed.attrs.items()}


def projected(request: Mapping[str, Any], item: Attributes) -> Attributes:
    """What ProjectionExpression leaves of it; top-level attributes only."""
    wanted = request.get("ProjectionExpression")
    if wanted is None:
        return item
    names = request.get("ExpressionAttributeNames", {})
    paths = [names.get(path.strip(), path.strip()) for path in wanted.split(",")]
    return {name: item[name] for name in paths if name in item}


def _given(request: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, Any]]:
    return request.get("ExpressionAttributeNames", {}), request.get("ExpressionAttributeValues", {})


def _item(attributes: Attributes) -> Item:
    return Item(DynamoType(attributes["PK"]), DynamoType(attributes["SK"]), attributes)
