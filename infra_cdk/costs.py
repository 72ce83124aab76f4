"""What the service costs, out of what CloudWatch counts: list prices times use, an hour at a time."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs

from infra_cdk.config import Config
from infra_cdk.metrics import emf
from infra_cdk.prices import list_prices
from infra_cdk.storage import OPEN_JOBS, OWNER_JOBS

if TYPE_CHECKING:
    from infra_cdk.stack import DownloadsStack

HOUR = Duration.hours(1)
GIGABYTE = 1_000_000_000

Functions = Mapping[str, lambda_.Function]


def of_functions(functions: Functions, config: Config) -> cloudwatch.MathExpression:
    """Runs, and the memory that they hold while they last."""
    prices = list_prices()
    millisecond = config.memory_mb / 1024 / 1000 * prices.second["lambda_gb"]
    time = [
        (function.metric_duration(period=HOUR, statistic="Sum"), millisecond)
        for function in functions.values()
    ]
    runs = [
        (function.metric_invocations(period=HOUR), prices.each("lambda_request"))
        for function in functions.values()
    ]
    return _dollars("lambda", "Lambda", [*time, *runs])


def of_table(stack: "DownloadsStack") -> cloudwatch.MathExpression:
    """What is read and written, copies in the indexes included."""
    table = stack.storage.table
    name = {"TableName": table.table_name}
    places = [name, *({**name, "GlobalSecondaryIndexName": index} for index in (OPEN_JOBS, OWNER_JOBS))]
    used = [
        (
            table.metric(f"Consumed{unit}CapacityUnits", dimensions_map=place, period=HOUR, statistic="Sum"),
            list_prices().each(price),
        )
        for place in places
        for unit, price in (("Read", "read_unit"), ("Write", "write_unit"))
    ]
    return _dollars("table", "DynamoDB", used)


def of_queues(queues: Iterable[sqs.Queue]) -> cloudwatch.MathExpression:
    """Requests, if each message were one of its own."""
    names = (
        "NumberOfMessagesSent",
        "NumberOfMessagesReceived",
        "NumberOfMessagesDeleted",
        "NumberOfEmptyReceives",
    )
    used = [
        (queue.metric(name, period=HOUR, statistic="Sum"), list_prices().each("queue_request"))
        for queue in queues
        for name in names
    ]
    return _dollars("sqs", "SQS, at most", used)


def of_apis(stack: "DownloadsStack") -> cloudwatch.MathExpression:
    """Requests of the HTTP API, messages of the WebSocket API both ways."""
    requests = stack.http.api.metric_count(period=HOUR, statistic="Sum")
    frames = stack.websocket.api.metric("MessageCount", period=HOUR, statistic="Sum")
    prices = list_prices()
    used = [(requests, prices.each("http_request")), (frames, prices.each("websocket_message"))]
    return _dollars("api", "API Gateway", used)


def of_heads(config: Config) -> cloudwatch.MathExpression:
    """One request a file, answered or not there."""
    used = [
        (
            emf(config, "s3_requests_total", operation="HeadObject", status=status).with_(period=HOUR),
            list_prices().each("head_request"),
        )
        for status in ("200", "404")
    ]
    return _dollars("heads", "S3 HEAD", used)


def of_logs(functions: Functions) -> cloudwatch.MathExpression:
    """What the functions write."""
    used = [
        (
            cloudwatch.Metric(
                namespace="AWS/Logs",
                metric_name="IncomingBytes",
                dimensions_map={"LogGroupName": function.log_group.log_group_name},
                period=HOUR,
                statistic="Sum",
            ),
            list_prices().gigabyte["logged"] / GIGABYTE,
        )
        for function in functions.values()
    ]
    return _dollars("logs", "CloudWatch Logs", used)


def of_transfer(config: Config) -> cloudwatch.MathExpression:
    """The bytes of all prepared files: most of the bill, if clients fetch them."""
    prepared = emf(config, "download_file_bytes_total").with_(period=HOUR)
    return _dollars(
        "transfer", "S3 to the internet", [(prepared, list_prices().gigabyte["transferred"] / GIGABYTE)]
    )


def _dollars(
    name: str, label: str, used: Iterable[tuple[cloudwatch.Metric, float]]
) -> cloudwatch.MathExpression:
    """What is used, each at its price; `name` makes the ids unique on a graph."""
    metrics: dict[str, cloudwatch.IMetric] = {}
    terms: dict[float, list[str]] = {}
    for number, (metric, price) in enumerate(used):
        metrics[f"{name}{number}"] = metric
        terms.setdefault(price, []).append(f"FILL({name}{number}, 0)")
    # CloudWatch reads no exponents: 15 digits after the point keep the smallest price exact.
    sums = [f"{price:.15f} * ({' + '.join(parts)})" for price, parts in terms.items()]
    return cloudwatch.MathExpression(
        expression=" + ".join(sums), using_metrics=metrics, label=label, period=HOUR
    )
