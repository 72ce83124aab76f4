"""The dashboard's rows about money: what is used, at list prices, before free tiers and discounts."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs

from infra_cdk import costs
from infra_cdk.config import Config
from infra_cdk.panels import Row, graph, note, table
from infra_cdk.prices import list_prices

if TYPE_CHECKING:
    from infra_cdk.stack import DownloadsStack

NOTE = (
    "**Cost**, at the list prices of us-east-1: without free tiers, without CloudWatch itself (a month some "
    "$0.10 an alarm, $0.30 for each of the service's own metrics, $3 for this page), without the pollers of "
    f"NORMAL_POLLERS (${list_prices().hour['poller']} an hour each), and without the bytes that "
    "clients fetch, which are a graph of their own. SQS at most: ten messages may share a request."
)

SECONDS_USED = (
    'filter type = "platform.report"',
    "stats count(*) as runs,"
    " sum(record.metrics.billedDurationMs * record.metrics.memorySizeMB) / 1024000 as gbSeconds,"
    " max(record.metrics.maxMemoryUsedMB) as memoryMB, max(record.metrics.initDurationMs) as coldMs by @log",
    "sort gbSeconds desc",
)

Functions = Mapping[str, lambda_.Function]
Queues = Mapping[str, sqs.Queue]


def rows(functions: Functions, queues: Queues, stack: "DownloadsStack", config: Config) -> list[Row]:
    """Dollars an hour by service, the bytes that leave, and which function used what."""
    services = [
        costs.of_functions(functions, config),
        costs.of_table(stack),
        costs.of_queues(queues.values()),
        costs.of_apis(stack),
        costs.of_heads(config),
        costs.of_logs(functions),
    ]
    groups = [each.log_group.log_group_name for each in functions.values()]
    return [
        [note(NOTE)],
        [
            graph("Dollars an hour, by service", services),
            graph("Dollars an hour, if each prepared file is fetched once", [costs.of_transfer(config)]),
            table("What the runs of each function used", groups, SECONDS_USED, of=3),
        ],
    ]
