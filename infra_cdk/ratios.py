"""Shares of what went wrong, in percent, for alarms and graphs alike: a bare count of failures is no rate."""

from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_cloudwatch as cloudwatch

from infra_cdk.config import Config
from infra_cdk.metrics import FIVE_MINUTES, emf

Metrics = list[cloudwatch.Metric]


def failed_jobs(config: Config) -> cloudwatch.MathExpression:
    """Of the jobs that ended: each also counts once as queued and once as processing."""
    failed, completed, cancelled = (
        emf(config, "download_jobs_total", status=status) for status in ("failed", "completed", "cancelled")
    )
    return share("jobs", [failed], [completed, cancelled], "failed jobs, %")


def storage_errors(config: Config) -> cloudwatch.MathExpression:
    """Of the HEAD requests: a file that is missing (404) is an answer like any other."""
    bad, good = (
        [emf(config, "s3_requests_total", operation="HeadObject", status=status) for status in statuses]
        for statuses in (("403", "500", "503", "timeout", "error"), ("200", "404"))
    )
    return share("storage", bad, good, "failed HEADs, %")


def lost_frames(config: Config) -> cloudwatch.MathExpression:
    """Of the WebSocket frames: a connection that is gone is a browser that was closed, and no fault."""
    bad, good = (
        [emf(config, "websocket_frames_total", outcome=outcome) for outcome in outcomes]
        for outcomes in (("failed", "slow"), ("sent", "gone"))
    )
    return share("frames", bad, good, "lost frames, %")


def failed_webhooks(config: Config) -> cloudwatch.MathExpression:
    """Of the attempts to deliver: a receiver that answered 410 wants no more, which is no failure."""
    bad, good = (
        [emf(config, "webhook_deliveries_total", outcome=outcome) for outcome in outcomes]
        for outcomes in (("failed", "exhausted"), ("delivered", "stopped"))
    )
    return share("webhooks", bad, good, "failed webhooks, %")


def server_errors(api: apigateway.HttpApi) -> cloudwatch.MathExpression:
    """Of all requests to the HTTP API."""
    errors = api.metric_server_error(period=FIVE_MINUTES, statistic="Sum")
    requests = api.metric_count(period=FIVE_MINUTES, statistic="Sum")
    return cloudwatch.MathExpression(
        expression="100 * FILL(errors, 0) / requests",
        using_metrics={"errors": errors, "requests": requests},
        label="5xx, %",
        period=FIVE_MINUTES,
    )


def share(name: str, bad: Metrics, good: Metrics, label: str) -> cloudwatch.MathExpression:
    """How many of a hundred are bad; no value where there is nothing. `name` makes ids unique on a graph.

    CloudWatch takes ten metrics in the expression of an alarm, at most.
    """
    wrong = {f"{name}_bad{number}": metric for number, metric in enumerate(bad)}
    right = {f"{name}_good{number}": metric for number, metric in enumerate(good)}
    every = {**wrong, **right}
    return cloudwatch.MathExpression(
        expression=f"100 * ({_sum(wrong)}) / ({_sum(every)})",
        using_metrics=every,
        label=label,
        period=FIVE_MINUTES,
    )


def _sum(metrics: dict[str, cloudwatch.Metric]) -> str:
    # What never occurred has no data, and a sum with it would have none either.
    return " + ".join(f"FILL({name}, 0)" for name in metrics)
