"""The dashboard's rows about the parts of the stack: every queue, every function, the table."""

from collections.abc import Mapping

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs

from infra_cdk.alarms import memory_limit
from infra_cdk.config import Config
from infra_cdk.metrics import FIVE_MINUTES, search
from infra_cdk.panels import Row, graph
from infra_cdk.storage import OPEN_JOBS, OWNER_JOBS, Storage

WORKING = ("high", "normal", "notices", "bundles")
"""The queues that are meant to hold something; in the others a message is what nobody could handle."""

Queues = Mapping[str, sqs.Queue]
Functions = Mapping[str, lambda_.Function]


def of_queues(queues: Queues, config: Config) -> list[Row]:
    """What waits, since when, what is under way or delayed, and the dead letters."""
    working = {name: queues[name] for name in WORKING}
    ends = {name: queue for name, queue in queues.items() if name not in WORKING}
    waiting, age = _each(working, "NumberOfMessagesVisible"), _each(working, "AgeOfOldestMessage")
    return [
        [
            graph("Messages that wait", waiting, of=4, limit=config.alarm_backlog_messages),
            graph("Age of the oldest, s", age, of=4, limit=config.alarm_old_seconds),
            graph(
                "Under way; delayed (right)",
                _each(working, "NumberOfMessagesNotVisible"),
                right=_each(working, "NumberOfMessagesDelayed"),
                of=4,
            ),
            graph("Dead letters", _each(ends, "NumberOfMessagesVisible"), of=4),
        ]
    ]


def of_functions(functions: Functions, config: Config) -> list[Row]:
    """What fails, is throttled, is slow, starts cold, runs at once; memory against its limit."""
    cold = [search(config, "lambda_init_duration_seconds", "Maximum")]
    memory, most = [search(config, "lambda_memory_used_bytes", "Maximum")], memory_limit(config)
    return [
        [
            graph("Runs", _all(functions, "Invocations", "Sum"), of=4),
            graph("Errors", _all(functions, "Errors", "Sum"), of=4),
            graph("Throttles", _all(functions, "Throttles", "Sum"), of=4),
            graph("Duration p99, ms", _all(functions, "Duration", "p99"), of=4),
        ],
        [
            graph("Runs at once", _all(functions, "ConcurrentExecutions", "Maximum"), of=4),
            graph("Cold starts", [search(config, "lambda_cold_starts_total")], of=4),
            graph("Cold starts: seconds", cold, of=4),
            graph("Memory used, bytes", memory, of=4, limit=most),
        ],
    ]


def of_table(storage: Storage) -> Row:
    """What is read and written, what DynamoDB held back, how long it takes."""
    table = storage.table
    used = [
        table.metric_consumed_read_capacity_units(period=FIVE_MINUTES, label="read"),
        table.metric_consumed_write_capacity_units(period=FIVE_MINUTES, label="written"),
    ]
    throttled = [
        table.metric(f"{verb}ThrottleEvents", period=FIVE_MINUTES, statistic="Sum", label=verb)
        for verb in ("Read", "Write")
    ]
    operations = ("GetItem", "Query", "PutItem", "UpdateItem", "TransactWriteItems")
    latency = [
        table.metric_successful_request_latency(
            period=FIVE_MINUTES,
            dimensions_map={"TableName": table.table_name, "Operation": each},
            statistic="p99",
            label=each,
        )
        for each in operations
    ]
    return [
        graph("Table: capacity units", [*used, *index_units(storage)]),
        graph("Table: throttled", throttled),
        graph("Table: p99, ms", latency),
    ]


def index_units(storage: Storage) -> list[cloudwatch.Metric]:
    """What the indexes' copies are billed: write units of their own."""
    return [
        storage.table.metric(
            "ConsumedWriteCapacityUnits",
            dimensions_map={"TableName": storage.table.table_name, "GlobalSecondaryIndexName": index},
            period=FIVE_MINUTES,
            statistic="Sum",
            label=f"written to {index}",
        )
        for index in (OPEN_JOBS, OWNER_JOBS)
    ]


def _each(queues: Queues, name: str) -> list[cloudwatch.Metric]:
    return [
        queue.metric(f"Approximate{name}", period=FIVE_MINUTES, statistic="Maximum", label=label)
        for label, queue in queues.items()
    ]


def _all(functions: Functions, name: str, statistic: str) -> list[cloudwatch.Metric]:
    return [
        function.metric(name, period=FIVE_MINUTES, statistic=statistic, label=label)
        for label, function in functions.items()
    ]
