"""The dashboard's rows about what the service does: jobs, requests, watchers."""

from aws_cdk import aws_cloudwatch as cloudwatch

from infra_cdk import ratios
from infra_cdk.config import Config
from infra_cdk.http_api import HttpApi
from infra_cdk.metrics import FIVE_MINUTES, emf, search
from infra_cdk.panels import Row, graph, numbers
from infra_cdk.processing import Processing
from infra_cdk.progress import Progress
from infra_cdk.websocket_api import WebSocketApi

PERCENTILES = ("p50", "p90", "p99")
ENDS = ("completed", "failed", "cancelled")


def at_a_glance(http: HttpApi, processing: Processing, config: Config) -> Row:
    """Whether it is well, in six numbers."""
    lanes = (processing.high, processing.normal)
    requests = http.api.metric_count(period=FIVE_MINUTES, statistic="Sum", label="requests in 5 min")
    slowest = http.api.metric_latency(period=FIVE_MINUTES, statistic="p99", label="p99, ms")
    waits = [
        each.metric_approximate_age_of_oldest_message(
            period=FIVE_MINUTES, statistic="Maximum", label=f"{each.node.id}, s"
        )
        for each in lanes
    ]
    return [
        numbers("Now: requests", [requests, ratios.server_errors(http.api), slowest]),
        numbers("Now: jobs", [ratios.failed_jobs(config), _took(config, "p99").with_(label="p99, s")]),
        numbers("Now: the oldest file waits", waits),
    ]


def jobs(config: Config) -> list[Row]:
    """How jobs and files end, how long they take, and the storage that they wait for."""
    statuses = ("queued", "processing", *ENDS)
    took = [_took(config, each) for each in PERCENTILES]
    failed = graph(
        "Failed jobs, % of those that ended",
        [ratios.failed_jobs(config)],
        limit=config.alarm_failed_jobs_percent,
    )
    files = [
        emf(config, "download_files_processed_total", status=status) for status in ("success", "failure")
    ]
    heads = [
        emf(config, "s3_request_duration_seconds", each, operation="HeadObject").with_(label=each)
        for each in PERCENTILES
    ]
    bundles: list[cloudwatch.IMetric] = [search(config, "download_bundles_total")]
    repairs: list[cloudwatch.IMetric] = [
        search(config, "download_sweeper_repairs_total"),
        emf(config, "download_transaction_conflicts_total"),
    ]
    return [
        [
            graph("Jobs by status", (emf(config, "download_jobs_total", status=each) for each in statuses)),
            failed,
            graph("Jobs: seconds to completion", took),
        ],
        [
            graph("Files by result", files, of=4),
            graph("HEAD by status", [search(config, "s3_requests_total")], of=4),
            graph("HEAD: seconds", heads, of=4),
            graph("Repairs of the sweeper, conflicts of transactions", repairs, of=4),
        ],
        [
            graph("Bundles by outcome", bundles, of=2),
            graph("Bundles: bytes written", [emf(config, "download_bundle_bytes_total")], of=2),
        ],
    ]


def requests(http: HttpApi, config: Config) -> list[Row]:
    """The HTTP API as API Gateway sees it, and by endpoint."""
    api, most = http.api, config.alarm_server_errors_percent
    counted = [
        api.metric_count(period=FIVE_MINUTES, statistic="Sum", label="requests"),
        api.metric_client_error(period=FIVE_MINUTES, statistic="Sum", label="4xx"),
        api.metric_server_error(period=FIVE_MINUTES, statistic="Sum", label="5xx"),
    ]
    latency = [api.metric_latency(period=FIVE_MINUTES, statistic=each, label=each) for each in PERCENTILES]
    return [
        [
            graph("Requests", counted),
            graph("5xx, % of requests", [ratios.server_errors(api)], limit=most),
            graph("Latency, ms (held streams count too)", latency),
        ],
        [
            graph("Requests by endpoint and status", [search(config, "http_requests_total")], of=2),
            graph("p99 by endpoint, seconds", [search(config, "http_request_duration_seconds", "p99")], of=2),
        ],
    ]


def watchers(websocket: WebSocketApi, progress: Progress, config: Config) -> list[Row]:
    """Who watches, what they are told and how late; what receivers of webhooks answered."""
    connected = [
        websocket.api.metric(name, period=FIVE_MINUTES, statistic="Sum", label=name)
        for name in ("ConnectCount", "MessageCount", "ExecutionError")
    ]
    frames = [
        emf(config, "websocket_frames_total", outcome=each) for each in ("sent", "gone", "slow", "failed")
    ]
    outcomes = ("delivered", "failed", "stopped", "exhausted")
    webhooks = [emf(config, "webhook_deliveries_total", outcome=each) for each in outcomes]
    age = progress.publish_progress.metric(
        "IteratorAge", period=FIVE_MINUTES, statistic="Maximum", label="the oldest record"
    )
    return [
        [
            graph("WebSocket API", connected, of=4),
            graph("Frames by outcome", frames, of=4),
            graph("Age of the stream, ms", [age], of=4, limit=config.alarm_late_ms),
            graph("Webhooks by outcome", webhooks, of=4),
        ]
    ]


def _took(config: Config, percentile: str) -> cloudwatch.Metric:
    metric = emf(config, "download_jobs_duration_seconds", percentile, status="completed")
    return metric.with_(label=percentile)
