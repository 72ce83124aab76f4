"""Webhooks: the queue of notices, deliver_webhook, the secret that signs, and what was never delivered."""

from string import punctuation

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra_cdk import environment, mappings
from infra_cdk.config import Config
from infra_cdk.function import ServiceFunction, Shared
from infra_cdk.logs import removal_policy
from infra_cdk.nag import acknowledge
from infra_cdk.queues import dead_letter_queue, service_queue
from infra_cdk.storage import Storage

TIMEOUT_SECONDS = 60
"""Of which the attempt takes 15 at most; the rest is for a table and a secret that answer late."""

VISIBILITY_SECONDS = 6 * TIMEOUT_SECONDS

MOST_RECEIVES = 1_000
"""SQS's most: the delivery record counts the attempts; this ends only what our own faults bring back."""

MOST_AT_ONCE = 20

DELIVERIES = "DELIVERY#*"
"""Partitions of the delivery record; the function may read and write these and no other."""

SECRET_LENGTH = 64
"""Letters and digits alone, and a multiple of four: base64 of 48 bytes, as Standard Webhooks has it."""

ROTATED_BY_HAND = (
    "Receivers hold the same secret: it is changed with them, both keys signing meanwhile, not on a schedule."
)


class Webhooks(Construct):
    """The way of a notice; `undelivered` rings when a receiver had none of its ten attempts."""

    def __init__(self, scope: Construct, name: str, shared: Shared, storage: Storage) -> None:
        super().__init__(scope, name)
        self.undelivered = dead_letter_queue(self, "undelivered", shared.config, runbook="a-webhook-fails")
        self.queue = service_queue(
            self,
            "notices",
            visibility=Duration.seconds(VISIBILITY_SECONDS),
            dead_letters=sqs.DeadLetterQueue(queue=self.undelivered, max_receive_count=MOST_RECEIVES),
        )
        self.secret = _secret(self, shared.config)
        self.deliver_webhook = self._worker(shared, storage)

    def take_from(self, function: ServiceFunction) -> None:
        """Let a function queue notices, and tell it where."""
        function.add_environment("WEBHOOK_QUEUE_URL", self.queue.queue_url)
        self.queue.grant(function, "sqs:SendMessage")

    def _worker(self, shared: Shared, storage: Storage) -> ServiceFunction:
        variables = {
            "TABLE_NAME": storage.table.table_name,
            "FILE_TTL_SECONDS": str(shared.config.file_ttl_seconds),
            "WEBHOOK_QUEUE_URL": self.queue.queue_url,
            "WEBHOOK_DEAD_LETTERS_URL": self.undelivered.queue_url,
            "WEBHOOK_SECRET_ARN": self.secret.secret_arn,
            **environment.guard(shared.config),
        }
        worker = ServiceFunction(
            self, "deliver_webhook", shared, timeout_seconds=TIMEOUT_SECONDS, variables=variables
        )
        storage.grant_partitions(worker, [DELIVERIES], "dynamodb:Query", "dynamodb:PutItem")
        reading = iam.PolicyStatement(
            actions=["secretsmanager:GetSecretValue"], resources=[self.secret.secret_arn]
        )
        worker.add_to_role_policy(reading)
        self.undelivered.grant(worker, "sqs:SendMessage")
        source = sources.SqsEventSource(
            self.queue,
            batch_size=mappings.NOTICE_BATCH,
            max_concurrency=MOST_AT_ONCE,
            report_batch_item_failures=True,
        )
        worker.add_event_source(source)
        return worker


def _secret(scope: Construct, config: Config) -> secretsmanager.Secret:
    secret = secretsmanager.Secret(
        scope,
        "secret",
        description=f"Signs the webhooks of downloads-{config.stage}: whsec_ and what `current` holds",
        generate_secret_string=secretsmanager.SecretStringGenerator(
            secret_string_template="{}",  # noqa: S106 # an empty object, which the key joins
            generate_string_key="current",
            password_length=SECRET_LENGTH,
            exclude_punctuation=True,
            exclude_characters=punctuation,
        ),
        removal_policy=removal_policy(config),
    )
    acknowledge(secret, "AwsSolutions-SMG4", ROTATED_BY_HAND)
    return secret
