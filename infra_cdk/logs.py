"""Log groups and removal policies by stage."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra_cdk.checks import LOG_RETENTION
from infra_cdk.config import Config


def removal_policy(config: Config) -> RemovalPolicy:
    """Whether data outlives its stack."""
    return RemovalPolicy.RETAIN if config.retain_data else RemovalPolicy.DESTROY


def service_log_group(scope: Construct, name: str, config: Config) -> logs.LogGroup:
    """A log group that forgets after LOG_RETENTION_DAYS."""
    retention = logs.RetentionDays[LOG_RETENTION[config.log_retention_days]]
    return logs.LogGroup(scope, name, retention=retention, removal_policy=removal_policy(config))
