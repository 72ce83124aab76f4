"""The three functions behind the HTTP API, with what each may do."""

from dataclasses import dataclass

from constructs import Construct

from infra_cdk import environment
from infra_cdk.function import ServiceFunction, Shared
from infra_cdk.processing import Processing
from infra_cdk.storage import Storage
from infra_cdk.websocket_api import WebSocketApi

ANSWER_SECONDS = 9
"""What a held connection has left for its reads and its answer: 20 and 9 stay below an HTTP API's 30."""


@dataclass(frozen=True)
class Backend:
    """What the HTTP API stands in front of."""

    storage: Storage
    processing: Processing
    websocket: WebSocketApi

    @property
    def variables(self) -> environment.Variables:
        """Where the table and the lanes are."""
        return {
            "TABLE_NAME": self.storage.table.table_name,
            "HIGH_QUEUE_URL": self.processing.high.queue_url,
            "NORMAL_QUEUE_URL": self.processing.normal.queue_url,
        }


def initiate_job(scope: Construct, shared: Shared, backend: Backend) -> ServiceFunction:
    """Writes a job and sends one message a file."""
    config = shared.config
    variables = {
        **backend.variables,
        **environment.limits(config),
        **environment.schedule(config),
        **environment.guard(config),
    }
    timeout = config.api_timeout_seconds
    function = ServiceFunction(scope, "initiate_job", shared, timeout_seconds=timeout, variables=variables)
    backend.storage.grant(function, "dynamodb:PutItem", "dynamodb:GetItem")
    for lane in (backend.processing.high, backend.processing.normal):
        lane.grant(function, "sqs:SendMessage")
    return function


def jobs_api(scope: Construct, shared: Shared, backend: Backend) -> ServiceFunction:
    """Reads and cancels jobs, signs URLs, checks files, tells its health."""
    config, storage = shared.config, backend.storage
    variables = {
        "WEBSOCKET_URL": backend.websocket.url,
        **backend.variables,
        **environment.limits(config),
        **environment.schedule(config),
        **environment.objects(config, storage.bucket.bucket_name),
    }
    timeout = config.api_timeout_seconds
    function = ServiceFunction(scope, "jobs_api", shared, timeout_seconds=timeout, variables=variables)
    verbs = ("dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem")
    storage.grant(function, *verbs)
    storage.grant_read_files(function)
    for lane in (backend.processing.high, backend.processing.normal):
        lane.grant(function, "sqs:GetQueueAttributes", "sqs:SendMessage")
    return function


def stream_progress(scope: Construct, shared: Shared, backend: Backend) -> ServiceFunction:
    """Reads one job again and again while a connection is held."""
    config, table = shared.config, backend.storage.table
    variables = {"TABLE_NAME": table.table_name, "SSE_HOLD_SECONDS": str(config.sse_hold_seconds)}
    timeout = config.sse_hold_seconds + ANSWER_SECONDS
    function = ServiceFunction(scope, "stream_progress", shared, timeout_seconds=timeout, variables=variables)
    backend.storage.grant(function, "dynamodb:GetItem", "dynamodb:Query")
    return function
