"""Settings become adapters, around clients that are made once, when first needed."""

from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

from downloads.account_settings import AccountSettings, TokenSettings
from downloads.clients import (
    counting_client,
    dynamodb_client,
    observers,
    s3_client,
    s3_credentials,
    s3_moving_client,
    s3_signing_client,
    secrets_client,
    sqs_client,
    websocket_client,
)
from downloads.frame_rate import FrameRate
from downloads.ports import OnFault
from downloads.rest import Rest
from downloads.setting_parts import (
    AnySettings,
    BundleSettings,
    LaneSettings,
    NoticeSettings,
    ObjectSettings,
    Settings,
)
from downloads.settings import (
    BundlerSettings,
    BurySettings,
    DeliverSettings,
    ExposeSettings,
    JobsApiSettings,
    PublishSettings,
    RedriveSettings,
    load,
)

if TYPE_CHECKING:
    from downloads.aws.allowances import DynamoAllowances
    from downloads.aws.archives import S3Archives
    from downloads.aws.bundle_queue import SqsBundles
    from downloads.aws.checkpoints import DynamoCheckpoints
    from downloads.aws.counters import DynamoCounters
    from downloads.aws.deliveries import DynamoDeliveries
    from downloads.aws.dynamodb import DynamoJobs
    from downloads.aws.endings import DynamoEndings
    from downloads.aws.files import S3Files
    from downloads.aws.history_queue import SqsHistory
    from downloads.aws.holdings import DynamoHoldings
    from downloads.aws.levels import Level
    from downloads.aws.notices import SqsNotices
    from downloads.aws.parking import SqsParking
    from downloads.aws.presign import Links
    from downloads.aws.recording import RecordingDynamoJobs
    from downloads.aws.s3 import S3Objects
    from downloads.aws.secrets import SecretKeys
    from downloads.aws.sqs import SqsQueue
    from downloads.aws.tickets import DynamoTickets
    from downloads.aws.watchers import DynamoWatchers
    from downloads.aws.websocket import ApiGatewayConnections
    from downloads.estimate import Delay
    from downloads.postgres.history import PostgresHistory
    from downloads.ticket_ports import Verify
    from downloads.usecases.admit import Gate
    from downloads.web.post import HttpCallback
    from downloads.web.tokens import Verifier


@cache
def settings(model: type[AnySettings]) -> AnySettings:
    """The environment as this model reads it. Raises msgspec's ValidationError."""
    return load(model)


@cache
def jobs(config: Settings) -> "DynamoJobs":
    """Kept between calls: it remembers what never changes of a job."""
    from downloads.aws.dynamodb import DynamoJobs

    return DynamoJobs(dynamodb_client(), config.table_name, tell=observers.see)


@cache
def recording_jobs(config: Settings, file_ttl_s: int) -> "RecordingDynamoJobs":
    """As above, for those who record results."""
    from downloads.aws.recording import RecordingDynamoJobs

    file_ttl = timedelta(seconds=file_ttl_s)
    return RecordingDynamoJobs(dynamodb_client(), config.table_name, file_ttl, tell=observers.see)


def allowances(config: AccountSettings) -> "DynamoAllowances":
    from downloads.aws.allowances import DynamoAllowances

    return DynamoAllowances(dynamodb_client(), config.table_name, config.rate, config.max_open_jobs)


def endings(config: Settings) -> "DynamoEndings":
    from downloads.aws.endings import DynamoEndings

    return DynamoEndings(dynamodb_client(), config.table_name)


def watchers(config: Settings, ttl_s: int) -> "DynamoWatchers":
    from downloads.aws.watchers import DynamoWatchers

    return DynamoWatchers(dynamodb_client(), config.table_name, timedelta(seconds=ttl_s))


def objects(config: ObjectSettings) -> "S3Objects":
    from downloads.aws.s3 import S3Objects

    return S3Objects(
        s3_client(config), config.bucket_name, config.key_template, links(config, config.bucket_name)
    )


@cache
def links(config: ObjectSettings, bucket: str) -> "Links":
    """Kept between calls: it remembers where the bucket is."""
    from downloads.aws.presign import Links

    return Links(s3_signing_client(config), s3_credentials(config), bucket, config.url_ttl)


def queue(config: LaneSettings, on_fault: OnFault, delay: "Delay | None" = None) -> "SqsQueue":
    from downloads.aws.sqs import SqsQueue

    return SqsQueue(sqs_client(), config.lanes, delay, on_fault)


def parking(config: BurySettings | RedriveSettings) -> "SqsParking":
    from downloads.aws.parking import SqsParking

    return SqsParking(sqs_client(), config.parked_queue_url)


def connections(endpoint: str) -> "ApiGatewayConnections":
    from downloads.aws.websocket import ApiGatewayConnections

    return ApiGatewayConnections(websocket_client(endpoint))


def notices(config: NoticeSettings) -> "SqsNotices":
    from downloads.aws.notices import SqsNotices

    return SqsNotices(sqs_client(), config.webhook_queue_url)


def bundles(config: BundleSettings) -> "SqsBundles":
    from downloads.aws.bundle_queue import SqsBundles

    return SqsBundles(sqs_client(), config.bundle_queue_url)


def checkpoints(config: Settings) -> "DynamoCheckpoints":
    from downloads.aws.checkpoints import DynamoCheckpoints

    return DynamoCheckpoints(dynamodb_client(), config.table_name)


def history_queue(config: PublishSettings) -> "SqsHistory | None":
    """None where nothing is kept of ended jobs."""
    if not config.history_queue_url:
        return None
    from downloads.aws.history_queue import SqsHistory

    return SqsHistory(sqs_client(), config.history_queue_url)


@cache
def history(secret_arn: str, url: str | None) -> "PostgresHistory":
    """Kept between calls, with its connection. Only the functions with the layer for it can have one."""
    from downloads.postgres.connection import connect
    from downloads.postgres.history import PostgresHistory

    return PostgresHistory(lambda: connect(secrets_client(), secret_arn, url))


def holdings(config: Settings) -> "DynamoHoldings":
    from downloads.aws.holdings import DynamoHoldings

    return DynamoHoldings(dynamodb_client(), config.table_name)


def files(config: BundlerSettings) -> "S3Files":
    from downloads.aws.files import S3Files

    return S3Files(s3_moving_client(config), config.bucket_name)


def archives(config: BundlerSettings) -> "S3Archives":
    from downloads.aws.archives import S3Archives

    return S3Archives(s3_moving_client(config), config.bundle_bucket_name or "")


def archive_links(config: JobsApiSettings) -> "Links":
    return links(config, config.bundle_bucket_name or "")


def deliveries(config: Settings, ttl_s: int) -> "DynamoDeliveries":
    from downloads.aws.deliveries import DynamoDeliveries

    return DynamoDeliveries(dynamodb_client(), config.table_name, timedelta(seconds=ttl_s))


def outgoing_notices(config: DeliverSettings) -> "SqsNotices":
    from downloads.aws.notices import SqsNotices

    return SqsNotices(sqs_client(), config.webhook_queue_url, config.webhook_dead_letters_url)


@cache
def keys(config: DeliverSettings) -> "SecretKeys":
    """Kept between calls: what was read is used for five minutes."""
    from downloads.aws.secrets import SecretKeys

    return SecretKeys(secrets_client(), config.webhook_secret_arn)


@cache
def metrics_token(config: ExposeSettings) -> str:
    """Kept for the life of the process: a new token is in force once the function is deployed anew."""
    return secrets_client().get_secret_value(SecretId=config.metrics_token_arn)["SecretString"]


def level(url: str) -> "Level":
    from downloads.aws.levels import level_of

    return level_of(sqs_client(), url)


@cache
def callback(config: DeliverSettings) -> "HttpCallback":
    from downloads.web.post import HttpCallback

    return HttpCallback(config.guard)


@cache
def counters(config: Settings) -> "DynamoCounters":
    """Kept between calls: a run begins and ends in the same partition."""
    from downloads.aws.counters import DynamoCounters

    return DynamoCounters(counting_client(), config.table_name)


@cache
def frame_rate() -> FrameRate:
    """Kept between calls: a frame may follow one of the call before."""
    return FrameRate()


@cache
def counting_rest() -> Rest:
    """The table did not take counts: for a while none are sent, and those are lost."""
    return Rest()


def tickets(config: Settings) -> "DynamoTickets":
    from downloads.aws.tickets import DynamoTickets

    return DynamoTickets(dynamodb_client(), config.table_name)


def gate(config: TokenSettings) -> "Gate":
    from downloads.usecases.admit import Gate

    return Gate(tickets(config), verify(config), config.origins, config.anonymous)


def verify(config: TokenSettings) -> "Verify | None":
    """Verifies tokens; None where no issuer is set, so that none can be."""
    return (lambda token: verifier(config).verify(token)) if config.token_issuer else None


@cache
def verifier(config: TokenSettings) -> "Verifier":
    """Kept between calls, with the issuer's keys; made when the first token comes."""
    from downloads.web.jwks import KeySet
    from downloads.web.tokens import Verifier

    keys = KeySet(config.token_issuer, config.jwks_url or None)
    return Verifier(keys.key, config.token_issuer, config.audiences)
