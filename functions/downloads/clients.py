"""Clients of AWS, each made once, when first needed, and watched: the one place that makes any."""

from functools import cache
from typing import TYPE_CHECKING, Literal, TypeVar

import boto3
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import NoCredentialsError

from downloads import VERSION
from downloads.aws import calls
from downloads.observed import Observers
from downloads.setting_parts import ObjectSettings
from downloads.settings import application

if TYPE_CHECKING:
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient

Client = TypeVar("Client")

# Who is told of what adapters see: run.py says so at the start of a run.
observers = Observers()

# Seconds: two tries of at most 4 s each, so that a hanging dependency cannot eat a function's whole run.
PATIENT = Config(connect_timeout=1, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 2})
# A part of an upload is answered once it is stored: three tries of 20 s each are within a bundle's lease.
MOVING = Config(connect_timeout=2, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 3})
# A slow watcher must not hold back the others: its client asks again for what it missed.
BRISK = Config(connect_timeout=1, read_timeout=1, retries={"mode": "standard", "total_max_attempts": 1})
# S3 completes an upload that was begun with boto3's default CRC32s only with each part's at hand, and many
# other S3 servers know none. Without, the signature holds each part's SHA-256, which every server checks.
PLAIN = Config(request_checksum_calculation="when_required", response_checksum_validation="when_required")
# Our adapters alone make these parameters, and DynamoDB checks them: botocore's look at each value of a
# batch's transaction costs as much as a call.
UNCHECKED = Config(parameter_validation=False)


def named(config: Config) -> Config:
    """With a user agent of our own, which has AWS_SDK_UA_APP_ID as the SDK's has.

    botocore's own says more, and is built anew twice a call: a fifth of what a call costs the processor.
    """
    app = application()
    return config.merge(Config(user_agent=f"downloads/{VERSION}" + (f" app/{app}" if app else "")))


@cache
def secrets_client() -> "SecretsManagerClient":
    return boto3.client("secretsmanager", config=named(PATIENT))


@cache
def dynamodb_client() -> "DynamoDBClient":
    return _watched(boto3.client("dynamodb", config=named(PATIENT.merge(UNCHECKED))))


@cache
def counting_client() -> "DynamoDBClient":
    """Counts are not worth waiting for, and an addition that is tried again might be added twice."""
    return boto3.client("dynamodb", config=named(BRISK))


@cache
def sqs_client() -> "SQSClient":
    return boto3.client("sqs", config=named(PATIENT))


def s3_client(config: ObjectSettings) -> "S3Client":
    return s3_client_at(None, config, PATIENT)


def s3_signing_client(config: ObjectSettings) -> "S3Client":
    """For links alone: the host is part of a signature, so it is that of the address that browsers see.

    The same client as for calls, where that address is no other.
    """
    return s3_client_at(config.s3_public_endpoint_url, config, PATIENT)


def s3_credentials(config: ObjectSettings) -> Credentials:
    """Those that the client has: the settings' own, or the function's, renewed as they end."""
    if config.s3_access_key_id and config.s3_secret_access_key:
        return Credentials(config.s3_access_key_id, config.s3_secret_access_key)
    s3_client(config)
    found = boto3.DEFAULT_SESSION and boto3.DEFAULT_SESSION.get_credentials()
    if not found:
        raise NoCredentialsError
    return found


def s3_moving_client(config: ObjectSettings) -> "S3Client":
    """For bodies of many megabytes."""
    return s3_client_at(None, config, MOVING)


@cache
def s3_client_at(endpoint: str | None, config: ObjectSettings, patience: Config) -> "S3Client":
    """Without an endpoint it is the SDK's: AWS's, or that of AWS_ENDPOINT_URL_S3."""
    style: Literal["path", "virtual"] = "path" if config.s3_path_style else "virtual"
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name=config.s3_region,
        aws_access_key_id=config.s3_access_key_id,
        aws_secret_access_key=config.s3_secret_access_key,
        config=named(patience)
        .merge(PLAIN)
        .merge(Config(signature_version="s3v4", s3={"addressing_style": style})),
    )
    return _watched(client)


@cache
def websocket_client(endpoint: str) -> "ApiGatewayManagementApiClient":
    return _watched(boto3.client("apigatewaymanagementapi", endpoint_url=endpoint, config=named(BRISK)))


def _watched(client: Client) -> Client:
    calls.watch(client, observers.see)
    return client
