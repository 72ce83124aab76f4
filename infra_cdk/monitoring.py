"""Alarms: something went wrong that nobody would see otherwise. `alarm_topic` tells whom."""

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra_cdk.config import Config

REACHES = cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
ABOVE = cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD
BELOW = cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD

SILENT_PERIODS = 3


def alarm_on(  # noqa: PLR0913 # what an alarm is made of
    scope: Construct,
    name: str,
    metric: cloudwatch.IMetric,
    config: Config,
    *,
    description: str,
    runbook: str,
    threshold: int = 1,
    periods: int = 1,
    comparison: cloudwatch.ComparisonOperator = REACHES,
) -> cloudwatch.Alarm:
    """An alarm where a metric reaches the threshold in so many periods in a row; quiet without data.

    `description` is one line that says what to look at, `runbook` the heading in docs/runbook.md that
    says the rest, as it stands in a link.
    """
    return cloudwatch.Alarm(
        scope,
        f"{name}_alarm",
        metric=metric,
        alarm_description=f"{description} {config.runbook_url}#{runbook}",
        threshold=threshold,
        evaluation_periods=periods,
        comparison_operator=comparison,
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
    )


def alarm_on_silence(  # noqa: PLR0913 # as above
    scope: Construct, name: str, metric: cloudwatch.IMetric, config: Config, *, description: str, runbook: str
) -> cloudwatch.Alarm:
    """An alarm where a metric that should never rest is below 1, or missing, three periods in a row."""
    return cloudwatch.Alarm(
        scope,
        f"{name}_alarm",
        metric=metric,
        alarm_description=f"{description} {config.runbook_url}#{runbook}",
        threshold=1,
        evaluation_periods=SILENT_PERIODS,
        comparison_operator=BELOW,
        treat_missing_data=cloudwatch.TreatMissingData.BREACHING,
    )


def alarm_on_math(  # noqa: PLR0913 # as above
    scope: Construct,
    name: str,
    expression: cloudwatch.MathExpression,
    config: Config,
    *,
    description: str,
    runbook: str,
    above: int,
    periods: int = 1,
) -> cloudwatch.Alarm | None:
    """An alarm where an expression is above a value; none where it would be refused (`metric_math`)."""
    if not config.metric_math:
        return None
    return alarm_on(
        scope,
        name,
        expression,
        config,
        description=description,
        runbook=runbook,
        threshold=above,
        periods=periods,
        comparison=ABOVE,
    )
