"""The service's own metrics, as CloudWatch knows them: written as EMF lines by the functions."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from infra_cdk.config import Config

LABELS: dict[str, tuple[str, ...]] = {
    "download_jobs_total": ("status",),
    "download_jobs_duration_seconds": ("status",),
    "download_files_processed_total": ("status",),
    "download_file_bytes_total": (),
    "download_transaction_conflicts_total": (),
    "download_sweeper_repairs_total": ("repair",),
    "download_bundles_total": ("outcome",),
    "download_bundle_bytes_total": (),
    "http_requests_total": ("method", "endpoint", "status"),
    "http_request_duration_seconds": ("method", "endpoint"),
    "s3_requests_total": ("operation", "status"),
    "s3_request_duration_seconds": ("operation",),
    "websocket_frames_total": ("outcome",),
    "webhook_deliveries_total": ("outcome",),
    "lambda_cold_starts_total": ("function",),
    "lambda_init_duration_seconds": ("function",),
    "lambda_memory_used_bytes": ("function",),
}
"""The dimensions of those that are shown or watched: a metric with others is another metric."""

FIVE_MINUTES = Duration.minutes(5)


def namespace(config: Config) -> str:
    """A stage has its own, so that several in one account stay apart."""
    return f"Downloads/{config.stage}"


def emf(config: Config, name: str, statistic: str = "Sum", **labels: str) -> cloudwatch.Metric:
    """One metric of ours over five minutes; `labels` are its dimensions, all of them.

    Raises:
        ValueError: a dimension is missing or unknown, and the metric would never have data.
    """
    if tuple(labels) != LABELS[name]:
        raise ValueError(f"{name} has the dimensions {LABELS[name]}, not {tuple(labels)}")
    shown = " ".join(labels.values()) or name
    return cloudwatch.Metric(
        namespace=namespace(config),
        metric_name=name,
        dimensions_map=labels,
        statistic=statistic,
        period=FIVE_MINUTES,
        label=shown,
    )


def search(config: Config, name: str, statistic: str = "Sum") -> cloudwatch.MathExpression:
    """All of a metric, whatever its dimensions hold; for graphs, since alarms take no search."""
    schema = ",".join((namespace(config), *LABELS[name]))
    expression = f"SEARCH('{{{schema}}} MetricName=\"{name}\"', '{statistic}', 300)"
    return cloudwatch.MathExpression(expression=expression, label="", period=FIVE_MINUTES)
