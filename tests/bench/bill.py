"""What a played job costs at list prices, line by line."""

from math import ceil

from infra_cdk.config import Config
from infra_cdk.prices import list_prices
from tests.bench.cloud.play import Played

MB_PER_GB, GIGABYTE, DAY_SECONDS, MONTH_DAYS = 1_024, 1e9, 86_400, 30
# API Gateway bills an HTTP API's answers by 512 KB and a WebSocket API's messages by 32 KB, begun or full.
HTTP_BYTES, FRAME_BYTES = 524_288, 32_768

Bill = dict[str, float]
# What every design has that tells a watcher and hands out links.
TELLING = ("API Gateway, HTTP", "API Gateway, WebSocket", "Bytes to clients")


def bill_of(played: Played, config: Config) -> Bill:
    """Dollars for the whole job. Downloads themselves are not in it: they cost the same in every design."""
    return {
        "S3": _times(played.cloud.tally.of("s3").calls, "head_request"),
        "SQS": _times(played.cloud.tally.of("sqs").calls, "queue_request"),
        **_table(played, config),
        **_functions(played, config),
        **_telling(played),
    }


def dollars_a_million(bill: Bill, files: int) -> float:
    return sum(bill.values()) / files * 1e6


def gb_seconds(ms: float, memory_mb: int) -> float:
    """Dollars for so long a run."""
    return ms / 1_000 * memory_mb / MB_PER_GB * list_prices().second["lambda_gb"]


def _times(count: float, name: str) -> float:
    return count * list_prices().each(name)


def _table(played: Played, config: Config) -> Bill:
    used, month = played.cloud.tally.of("dynamodb"), list_prices().month
    # Results are kept as long as files are, and so are the bytes of the backup.
    months = config.file_ttl_seconds / DAY_SECONDS / MONTH_DAYS
    kept = played.cloud.table.stored_bytes / GIGABYTE * months
    return {
        "DynamoDB, writes": _times(used.write_units, "write_unit"),
        "DynamoDB, reads": _times(used.read_units, "read_unit"),
        "DynamoDB, storage and backup": kept * (month["stored_gb"] + month["backed_up_gb"]),
    }


def _functions(played: Played, config: Config) -> Bill:
    ran = played.ran.values()
    return {
        "Lambda, requests": _times(sum(each.runs for each in ran), "lambda_request"),
        "Lambda, time": sum(gb_seconds(each.ms, config.memory_mb) for each in ran),
        "CloudWatch Logs": sum(played.functions.logs.values()) / GIGABYTE * list_prices().gigabyte["logged"],
    }


def _telling(played: Played) -> Bill:
    sizes, frames = [size for _, size in played.http_bytes], [len(one) for one in played.cloud.frames]
    messages = sum(ceil(size / FRAME_BYTES) for size in frames)
    minutes = ceil(played.seconds / 60)
    return {
        "API Gateway, HTTP": _times(sum(max(1, ceil(size / HTTP_BYTES)) for size in sizes), "http_request"),
        "API Gateway, WebSocket": _times(messages, "websocket_message") + _times(minutes, "websocket_minute"),
        "Bytes to clients": sum(sizes + frames) / GIGABYTE * list_prices().gigabyte["transferred"],
    }
