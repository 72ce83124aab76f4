"""Metrics for Prometheus: GET /metrics, its token, and the right of every function to add what it counted."""

import json
from collections.abc import Iterable, Mapping
from string import punctuation

from aws_cdk import aws_iam as iam
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sqs as sqs
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
from constructs import Construct

from infra_cdk.bundles import Bundles
from infra_cdk.config import Config
from infra_cdk.function import ServiceFunction, Shared
from infra_cdk.http_api import HttpApi
from infra_cdk.logs import removal_policy
from infra_cdk.nag import acknowledge
from infra_cdk.processing import Processing
from infra_cdk.storage import OPEN_JOBS, Storage

COUNTS = "METRICS#*"
"""Partitions in which all functions add up what they counted."""

MARKS = {"process_file": ("dynamodb:PutItem", "dynamodb:DeleteItem")}
"""Of whose runs each is noted while it lasts."""

TOKEN_LENGTH = 48
CHECKED_INSIDE = (
    "Prometheus has a token of its own and no user: expose_metrics compares it before it reads anything."
)
ROTATED_BY_HAND = "Prometheus reads the same token from a file: both are changed together, not on a schedule."


class MetricsApi(Construct):
    """expose_metrics behind GET /metrics; `queues` are those that should be empty, by their names."""

    def __init__(  # noqa: PLR0913, PLR0917 # what it shows lies in all of these
        self,
        scope: Construct,
        name: str,
        shared: Shared,
        storage: Storage,
        processing: Processing,
        bundles: Bundles,
        queues: Mapping[str, sqs.IQueue],
        http: HttpApi,
    ) -> None:
        super().__init__(scope, name)
        self.token = _token(self, shared.config)
        self.expose_metrics = self._function(shared, storage, processing, queues)
        self.expose_metrics.add_environment("BUNDLE_QUEUE_URL", bundles.queue.queue_url)
        bundles.queue.grant(self.expose_metrics, "sqs:GetQueueAttributes")
        integration = HttpLambdaIntegration("metrics", self.expose_metrics.live)
        http.open_route("/metrics", "GET", integration, CHECKED_INSIDE)

    def _function(
        self, shared: Shared, storage: Storage, processing: Processing, queues: Mapping[str, sqs.IQueue]
    ) -> ServiceFunction:
        config = shared.config
        variables = {
            "TABLE_NAME": storage.table.table_name,
            "HIGH_QUEUE_URL": processing.high.queue_url,
            "NORMAL_QUEUE_URL": processing.normal.queue_url,
            "LETTER_QUEUES": json.dumps({name: queue.queue_url for name, queue in queues.items()}),
            "MAX_CONCURRENCY": str(config.max_concurrency),
            "METRICS_TOKEN_ARN": self.token.secret_arn,
        }
        timeout = config.api_timeout_seconds
        function = ServiceFunction(
            self, "expose_metrics", shared, timeout_seconds=timeout, variables=variables
        )
        function.add_layers(*shared.scrape_layers)
        storage.grant_partitions(function, [COUNTS], "dynamodb:Query")
        storage.grant_index(function, OPEN_JOBS)
        for queue in (processing.high, processing.normal, *queues.values()):
            queue.grant(function, "sqs:GetQueueAttributes")
        reading = iam.PolicyStatement(
            actions=["secretsmanager:GetSecretValue"], resources=[self.token.secret_arn]
        )
        function.add_to_role_policy(reading)
        return function


def let_count(functions: Iterable[ServiceFunction], storage: Storage) -> None:
    """Let functions add up what they count, and nothing else in these partitions."""
    for function in functions:
        function.add_environment("KEEP_METRICS", "true")
        storage.grant_partitions(function, [COUNTS], "dynamodb:UpdateItem", *MARKS.get(function.node.id, ()))


def _token(scope: Construct, config: Config) -> secretsmanager.Secret:
    secret = secretsmanager.Secret(
        scope,
        "token",
        description=f"The bearer token of GET /metrics of downloads-{config.stage}",
        generate_secret_string=secretsmanager.SecretStringGenerator(
            password_length=TOKEN_LENGTH, exclude_punctuation=True, exclude_characters=punctuation
        ),
        removal_policy=removal_policy(config),
    )
    acknowledge(secret, "AwsSolutions-SMG4", ROTATED_BY_HAND)
    return secret
