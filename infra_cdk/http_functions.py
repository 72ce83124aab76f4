"""The three functions behind the HTTP API, with what each may do."""

from dataclasses import dataclass

from constructs import Construct

from infra_cdk import environment
from infra_cdk.bundles import Bundles
from infra_cdk.function import ServiceFunction, Shared
from infra_cdk.identity import Identity
from infra_cdk.processing import Processing
from infra_cdk.storage import OWNER_JOBS, RECORD, Storage
from infra_cdk.websocket_api import TICKETS, WebSocketApi

WRITE_JOBS = (*RECORD, "dynamodb:BatchGetItem")
"""The verbs of who starts jobs: the caller's bucket and list of open jobs are items, too."""

ANSWER_SECONDS = 9
"""What a held connection has left for its reads and its answer: 20 and 9 stay below an HTTP API's 30."""


@dataclass(frozen=True)
class Backend:
    """What the HTTP API stands in front of."""

    storage: Storage
    processing: Processing
    websocket: WebSocketApi
    identity: Identity
    bundles: Bundles

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
        **environment.rates(config),
        **environment.files_of_a_caller(config),
        **backend.identity.mode,
        "BUNDLES": str(config.bundles).lower(),
    }
    timeout = config.api_timeout_seconds
    function = ServiceFunction(scope, "initiate_job", shared, timeout_seconds=timeout, variables=variables)
    backend.storage.grant(function, *WRITE_JOBS)
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
        **environment.rates(config),
        **environment.files_of_a_caller(config),
        **backend.identity.sign_in,
    }
    timeout = config.api_timeout_seconds
    function = ServiceFunction(scope, "jobs_api", shared, timeout_seconds=timeout, variables=variables)
    storage.grant(function, *WRITE_JOBS)
    storage.grant_index(function, OWNER_JOBS)
    storage.grant_read_files(function)
    backend.bundles.grant_read(function)
    for lane in (backend.processing.high, backend.processing.normal):
        lane.grant(function, "sqs:GetQueueAttributes", "sqs:SendMessage")
    return function


def stream_progress(scope: Construct, shared: Shared, backend: Backend) -> ServiceFunction:
    """Verifies a token or uses up a ticket, then reads one job again and again while a connection is held."""
    config, table = shared.config, backend.storage.table
    variables = {
        "TABLE_NAME": table.table_name,
        "SSE_HOLD_SECONDS": str(config.sse_hold_seconds),
        **environment.rates(config),
        **backend.identity.verification,
    }
    timeout = config.sse_hold_seconds + ANSWER_SECONDS
    function = ServiceFunction(scope, "stream_progress", shared, timeout_seconds=timeout, variables=variables)
    function.add_layers(shared.identity_layer)
    # It reads what nobody has signed: it may use tickets up, and change nothing else.
    backend.storage.grant(function, "dynamodb:GetItem", "dynamodb:Query")
    backend.storage.grant_partitions(function, [TICKETS], "dynamodb:UpdateItem")
    return function
