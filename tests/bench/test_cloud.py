"""The cloud that counts: its conditions are DynamoDB's by moto's reading, its sizes by DynamoDB's guide."""

from typing import Any

import pytest
from moto.dynamodb.comparisons import get_filter_expression
from moto.dynamodb.models.dynamo_type import DynamoType, Item

from tests.bench.cloud import dynamodb, sizes
from tests.bench.cloud.conditions import true_of
from tests.bench.cloud.stream import passed, record_of
from tests.bench.cloud.table import Change, Table

KEY: dict[str, Any] = {"PK": {"S": "JOB#1"}, "SK": {"S": "JOB"}}
STANDS = KEY | {"n": {"N": "10"}, "state": {"S": "open"}, "places": {"M": {"one": {"N": "1"}}}}
NAMES = {"#state": "state", "#one": "one", "#two": "two"}
VALUES = {":n": {"N": "10.0"}, ":more": {"N": "11"}, ":open": {"S": "open"}, ":other": {"S": "9"}}
CONDITIONS = [
    "attribute_exists(PK)",
    "attribute_not_exists(PK) OR n < :more AND #state = :open",
    "(attribute_not_exists(PK) OR n < :n) AND #state = :open",
    "NOT #state = :other",
    "#state IN (:other, :open) AND n BETWEEN :n AND :more",
    "begins_with(PK, :open) OR begins_with(#state, :open)",
    "attribute_exists(places) AND (attribute_exists(places.#two) OR size(places) < :n)",
    "places.#one = :n OR places.#one < :n",
    "n >= :n AND n <> :more",
]


@pytest.mark.parametrize("item", [STANDS, {}], ids=["stands", "nothing"])
@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_condition_is_what_it_is_to_moto(condition: str, item: dict[str, Any]) -> None:
    known = Item(DynamoType({"S": "JOB#1"}), DynamoType({"S": "JOB"}), item)
    expected = get_filter_expression(condition, NAMES, VALUES).expr(known)
    assert true_of(condition, item, NAMES, VALUES) is bool(expected)


@pytest.mark.parametrize(
    ("item", "bytes_"),
    [
        ({"abc": {"S": "déjà"}}, 3 + 6),
        ({"n": {"N": "1795435200123"}}, 1 + 8),
        ({"n": {"N": "-100"}}, 1 + 3),
        ({"n": {"NS": ["70000", "7"]}}, 1 + 4),
        ({"b": {"BOOL": True}, "z": {"NULL": True}}, 4),
        ({"l": {"L": [{"S": "ab"}]}, "m": {"M": {"k": {"S": "v"}}}}, (1 + 3 + 1 + 2) + (1 + 3 + 1 + 2)),
    ],
)
def test_an_item_has_the_size_that_the_guide_says(item: dict[str, Any], bytes_: int) -> None:
    assert sizes.size(item) == bytes_


def test_units_are_of_the_larger_version_and_double_in_a_transaction() -> None:
    table = Table({"open": ("shard", "at")})
    large, small = KEY | {"x": {"S": "x" * 1_500}}, KEY | {"x": {"S": "y"}}
    assert dynamodb.answer(table, "PutItem", {"Item": large})[0] == 200
    assert table.write_units == 2
    dynamodb.answer(table, "TransactWriteItems", {"TransactItems": [{"Put": {"Item": small}}]})
    assert table.write_units == 2 + 4
    indexed = small | {"shard": {"S": "0"}, "at": {"N": "5"}}
    dynamodb.answer(table, "PutItem", {"Item": indexed})
    assert table.write_units == 6 + 1 + 1
    dynamodb.answer(table, "PutItem", {"Item": indexed | {"at": {"N": "6"}}})
    assert table.write_units == 8 + 1 + 2
    dynamodb.answer(table, "GetItem", {"Key": KEY})
    assert table.read_units == 0.5


def test_a_transaction_is_all_or_nothing_and_says_why() -> None:
    table = Table({})
    table.write([Change(None, STANDS)])
    new = {"Put": {"Item": KEY | {"SK": {"S": "FILE#1"}}, "ConditionExpression": "attribute_not_exists(PK)"}}
    old = {"Put": {"Item": STANDS, "ConditionExpression": "attribute_not_exists(PK)"}}
    status, reply = dynamodb.answer(table, "TransactWriteItems", {"TransactItems": [new, old]})
    assert status == 400
    assert reply["CancellationReasons"] == [{"Code": "None"}, {"Code": "ConditionalCheckFailed"}]
    assert table.get(new["Put"]["Item"]) is None
    assert len(table.changes) == 1


def test_the_stream_lets_through_what_a_filter_asks_for() -> None:
    filters = [
        {"eventName": ["MODIFY"], "dynamodb": {"Keys": {"SK": {"S": ["JOB"]}}}},
        {"eventName": ["INSERT"], "dynamodb": {"Keys": {"SK": {"S": [{"prefix": "FILE#"}]}}}},
    ]
    file = KEY | {"SK": {"S": "FILE#000070000"}}
    changes = [
        Change(None, KEY),
        Change(None, file),
        Change(KEY, KEY | {"n": {"N": "1"}}),
        Change(None, KEY | {"SK": {"S": "IDS"}}),
        Change(file, None),
    ]
    records = [record_of(*one) for one in enumerate(changes)]
    kept = [record["dynamodb"]["Keys"]["SK"]["S"] for record in passed(records, filters)]
    assert kept == ["FILE#000070000", "JOB"]
