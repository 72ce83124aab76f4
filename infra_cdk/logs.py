"""Log groups and removal policies by stage."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra_cdk.config import Config

_RETENTION = {
    1: logs.RetentionDays.ONE_DAY,
    3: logs.RetentionDays.THREE_DAYS,
    7: logs.RetentionDays.ONE_WEEK,
    14: logs.RetentionDays.TWO_WEEKS,
    30: logs.RetentionDays.ONE_MONTH,
    90: logs.RetentionDays.THREE_MONTHS,
    180: logs.RetentionDays.SIX_MONTHS,
    365: logs.RetentionDays.ONE_YEAR,
}


def removal_policy(config: Config) -> RemovalPolicy:
    """Whether data outlives its stack."""
    return RemovalPolicy.RETAIN if config.retain_data else RemovalPolicy.DESTROY


def service_log_group(scope: Construct, name: str, config: Config) -> logs.LogGroup:
    """A log group that forgets after LOG_RETENTION_DAYS.

    Raises:
        ValueError: a number of days that CloudWatch Logs does not offer.
    """
    if config.log_retention_days not in _RETENTION:
        raise ValueError(f"LOG_RETENTION_DAYS is {config.log_retention_days}: one of {sorted(_RETENTION)}")
    retention = _RETENTION[config.log_retention_days]
    return logs.LogGroup(scope, name, retention=retention, removal_policy=removal_policy(config))
