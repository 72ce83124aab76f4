"""Export: where HISTORY_SECRET_ARN names a database, ended jobs go there from a queue of their own."""

from aws_cdk import Duration, aws_lambda
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra_cdk.config import Config
from infra_cdk.function import ServiceFunction, Shared
from infra_cdk.mappings import HISTORY_BATCH
from infra_cdk.monitoring import alarm_on
from infra_cdk.nag import acknowledge
from infra_cdk.queues import dead_letter_queue, service_queue
from infra_cdk.storage import Storage

TIMEOUT_SECONDS = 60
VISIBILITY_SECONDS = 6 * TIMEOUT_SECONDS

MOST_RECEIVES = 200
"""Twenty hours of a database that is down, at a try every six minutes."""

CONNECTIONS = 2
"""Runs at once, SQS's least: as many connections at work; environments that are frozen may hold idle ones."""

BEHIND = "Ended jobs are not written to the history: look at the log of export_history, and at the database."

IN_A_NETWORK = (
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
)
"""What Lambda does as the function's role to reach a subnet (its guide, "Execution role permissions")."""

NO_RESOURCE = "Lambda makes the interfaces, whose ids nobody knows before; it asks for these verbs on all."


class Export(Construct):
    """The queue `ended`, export_history behind it, and `unexported` for what 200 attempts could not write."""

    def __init__(self, scope: Construct, name: str, shared: Shared, storage: Storage) -> None:
        super().__init__(scope, name)
        self.unexported = dead_letter_queue(
            self, "unexported", shared.config, runbook="the-history-is-behind"
        )
        self.queue = service_queue(
            self,
            "ended",
            visibility=Duration.seconds(VISIBILITY_SECONDS),
            dead_letters=sqs.DeadLetterQueue(queue=self.unexported, max_receive_count=MOST_RECEIVES),
        )
        self.export_history = self._worker(shared, storage)
        self._watch(shared.config)

    def take_from(self, function: ServiceFunction) -> None:
        """Let a function queue ended jobs, and tell it where."""
        function.add_environment("HISTORY_QUEUE_URL", self.queue.queue_url)
        self.queue.grant(function, "sqs:SendMessage")

    def _worker(self, shared: Shared, storage: Storage) -> ServiceFunction:
        variables = {"TABLE_NAME": storage.table.table_name}
        worker = ServiceFunction(
            self, "export_history", shared, timeout_seconds=TIMEOUT_SECONDS, variables=variables
        )
        storage.grant_partitions(worker, ["JOB#*"], "dynamodb:GetItem", "dynamodb:Query")
        reach_history(worker, shared)
        source = sources.SqsEventSource(
            self.queue,
            batch_size=HISTORY_BATCH,
            max_concurrency=CONNECTIONS,
            report_batch_item_failures=True,
        )
        worker.add_event_source(source)
        return worker

    def _watch(self, config: Config) -> None:
        age = self.queue.metric_approximate_age_of_oldest_message(period=Duration.minutes(5))
        alarm_on(
            self.queue,
            "age",
            age,
            config,
            description=BEHIND,
            runbook="the-history-is-behind",
            threshold=config.alarm_old_seconds,
        )


def reach_history(function: ServiceFunction, shared: Shared) -> None:
    """Let a function speak to the database: its driver, its secret, and the subnets that reach it.

    With a layer of somebody else's for its authority's certificates, where one is named.
    """
    config = shared.config
    if config.history_secret_arn is None:
        return
    function.add_layers(*shared.history_layers)
    if config.history_layer_arn:
        theirs = aws_lambda.LayerVersion.from_layer_version_arn(
            function, "history_authority", config.history_layer_arn
        )
        function.add_layers(theirs)
    function.add_environment("HISTORY_SECRET_ARN", config.history_secret_arn)
    if config.history_url:
        function.add_environment("HISTORY_URL", config.history_url)
    function.add_to_role_policy(
        iam.PolicyStatement(actions=["secretsmanager:GetSecretValue"], resources=[config.history_secret_arn])
    )
    if config.history_subnet_ids:
        _enter_network(function, config)


def _enter_network(function: ServiceFunction, config: Config) -> None:
    made = function.node.default_child
    if not isinstance(made, aws_lambda.CfnFunction):
        raise TypeError("a function is made of something else than AWS::Lambda::Function")
    # On the resource: the construct would want the network itself, which is somebody else's.
    made.vpc_config = aws_lambda.CfnFunction.VpcConfigProperty(
        subnet_ids=list(config.history_subnet_ids), security_group_ids=list(config.history_security_group_ids)
    )
    # Its role's policy has to be there before Lambda makes the interfaces.
    function.add_to_role_policy(iam.PolicyStatement(actions=list(IN_A_NETWORK), resources=["*"]))
    acknowledge(function.execution_role, "AwsSolutions-IAM5[Resource::*]", NO_RESOURCE)
