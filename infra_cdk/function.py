"""ServiceFunction: how every Lambda function of the service is built, said once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra_cdk import environment, release
from infra_cdk.checks import LOG_LEVELS
from infra_cdk.config import Config
from infra_cdk.logs import service_log_group
from infra_cdk.monitoring import alarm_on
from infra_cdk.nag import acknowledge

RUNTIME = lambda_.Runtime.PYTHON_3_14
ARCHITECTURE = lambda_.Architecture.ARM_64

TRACED = "X-Ray's verbs know no resource: a trace belongs to the account, not to a function."


@dataclass(frozen=True)
class Assets:
    """Folders that become assets: the functions' code, built layers (extras by their names), the built page.

    `page` is None where whoever deploys uploads it by himself.
    """

    functions: Path
    dependencies: Path
    identity: Path
    extras: Mapping[str, Path] = field(default_factory=dict)
    page: Path | None = None


@dataclass(frozen=True)
class Shared:
    """What functions have in common: settings, code, layers; and one more layer for who verifies tokens.

    Lambda attaches five layers to a function: one for all, an exporter, Sentry's, and that of identity.
    """

    config: Config
    code: lambda_.Code
    layer: lambda_.ILayerVersion
    identity_layer: lambda_.ILayerVersion
    extra_layers: tuple[lambda_.ILayerVersion, ...] = ()
    scrape_layers: tuple[lambda_.ILayerVersion, ...] = ()
    history_layers: tuple[lambda_.ILayerVersion, ...] = ()


def shared_parts(scope: Construct, config: Config, assets: Assets) -> Shared:
    """One asset for all functions and the layers of all, and the layer of a few, from the folder of each."""
    code = lambda_.Code.from_asset(str(assets.functions), exclude=["**/__pycache__", "**/*.pyc"])
    return Shared(
        config,
        code,
        _layer(scope, "dependencies", assets.dependencies),
        _layer(scope, "identity_packages", assets.identity),
        _layers(scope, config.extra_layers, assets),
        _layers(scope, config.scrape_layers, assets),
        _layers(scope, config.history_layers, assets),
    )


def _layers(scope: Construct, names: Sequence[str], assets: Assets) -> tuple[lambda_.LayerVersion, ...]:
    return tuple(_layer(scope, f"{name}_packages", assets.extras[name]) for name in names)


def _layer(scope: Construct, name: str, folder: Path) -> lambda_.LayerVersion:
    return lambda_.LayerVersion(
        scope,
        name,
        code=lambda_.Code.from_asset(str(folder)),
        compatible_runtimes=[RUNTIME],
        compatible_architectures=[ARCHITECTURE],
    )


def _let_through(config: Config) -> lambda_.ApplicationLogLevel:
    """What Lambda keeps of the lines: INFO where nothing is said; and all, where some runs log all."""
    level = "DEBUG" if config.log_sample_rate else LOG_LEVELS[config.log_level]
    return lambda_.ApplicationLogLevel[level]


class ServiceFunction(lambda_.Function):
    """The function of `functions/<name>.py`, with a role that may write its own logs and nothing else.

    `timeout_seconds` is at most 900, by Lambda's limit.
    """

    def __init__(
        self,
        scope: Construct,
        name: str,
        shared: Shared,
        *,
        timeout_seconds: int,
        variables: Mapping[str, str],
    ) -> None:
        config = shared.config
        logs = service_log_group(scope, f"{name}_logs", config)
        role = iam.Role(scope, f"{name}_role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        super().__init__(
            scope,
            name,
            handler=f"{name}.handler",
            code=shared.code,
            runtime=RUNTIME,
            architecture=ARCHITECTURE,
            layers=[shared.layer, *shared.extra_layers],
            role=role,
            log_group=logs,
            logging_format=lambda_.LoggingFormat.JSON,
            application_log_level_v2=_let_through(config),
            tracing=lambda_.Tracing.ACTIVE if config.tracing == "xray" else lambda_.Tracing.DISABLED,
            memory_size=config.memory_mb,
            timeout=Duration.seconds(timeout_seconds),
            environment={**environment.common(config), **variables},
            current_version_options=release.kept_versions(config),
        )
        self.execution_role = role
        logs.grant_write(role)
        if config.tracing == "xray":
            acknowledge(role, "AwsSolutions-IAM5[Resource::*]", TRACED)
        self._watch(name, config)
        self.live = release.live(self, config)

    def add_event_source(self, source: lambda_.IEventSource) -> None:
        """Have a source call the function, as all callers do: by its alias, where it has one."""
        if self.live is self:
            super().add_event_source(source)
        else:
            self.live.add_event_source(source)

    def _watch(self, name: str, config: Config) -> None:
        errors, throttles = (
            metric(period=Duration.minutes(5)) for metric in (self.metric_errors, self.metric_throttles)
        )
        failed = f"{name} failed: look for ERROR in its logs."
        alarm_on(self, "errors", errors, config, description=failed, runbook="a-function-fails")
        limit = f"{name} was throttled: look at the account's concurrent executions against its quota."
        alarm_on(self, "throttles", throttles, config, description=limit, runbook="a-function-is-throttled")
