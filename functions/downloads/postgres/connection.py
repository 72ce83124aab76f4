"""Where the history's database is, and who the functions are there: a secret as RDS writes it, and a URL."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import psycopg
from botocore.exceptions import BotoCoreError, ClientError
from msgspec import Struct
from psycopg.conninfo import conninfo_to_dict

from downloads.errors import HistoryDownError
from downloads.reading import read_texts

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

CONNECT_S = 5
# What was sent and nobody acknowledges: without it, the kernel tries again for a quarter of an hour.
UNHEARD_MS = 5_000


class DatabaseSecret(Struct, frozen=True, kw_only=True):
    """``{"host", "port", "username", "password", "dbname"}``; what else RDS writes there is not read.

    ``sslmode`` and ``sslrootcert`` are libpq's: unless more is said, the connection is encrypted and the
    server's certificate is not looked at.
    """

    host: str
    port: int = 5432
    username: str
    password: str
    dbname: str = "postgres"
    sslmode: str = "require"
    sslrootcert: str | None = None


def connect(
    client: "SecretsManagerClient", secret_id: str, url: str | None = None
) -> "psycopg.Connection[tuple[Any, ...]]":
    """A connection by the secret as it is now: after a rotation, the next one has the new password.

    What ``url`` says goes before the secret: one that RDS manages holds user and password alone.
    Raises HistoryDownError when the secret cannot be read or is none, and psycopg's errors.
    """
    secret = _read(client, secret_id, conninfo_to_dict(url or ""))
    return psycopg.connect(
        host=secret.host,
        port=secret.port,
        user=secret.username,
        password=secret.password,
        dbname=secret.dbname,
        sslmode=secret.sslmode,
        sslrootcert=secret.sslrootcert,
        connect_timeout=CONNECT_S,
        tcp_user_timeout=UNHEARD_MS,
        application_name="downloads",
        autocommit=True,
        # Of the session nothing is kept: RDS Proxy refuses `options`, and PgBouncer's next transaction may
        # be another server's, which knows no statement that was prepared.
        prepare_threshold=None,
    )


def _read(client: "SecretsManagerClient", secret_id: str, said: Mapping[str, Any]) -> DatabaseSecret:
    try:
        text = client.get_secret_value(SecretId=secret_id).get("SecretString", "")
    except (ClientError, BotoCoreError) as error:
        raise HistoryDownError(secret_id) from error
    try:
        return read_texts({**json.loads(text), **said}, DatabaseSecret)
    except (ValueError, TypeError):
        # Without its cause: an error of JSON holds the text, and that would be logged.
        raise HistoryDownError(f"{secret_id} holds no database") from None
