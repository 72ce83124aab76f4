"""The way to the history: a real PostgreSQL with a certificate, by secrets such as RDS writes them."""

import json
from collections.abc import Iterator
from os import dup
from socket import IPPROTO_TCP, TCP_USER_TIMEOUT, socket
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest

from downloads.errors import HistoryDownError
from downloads.postgres.connection import connect
from tests.postgres import Server, started

pytestmark = pytest.mark.xdist_group("postgres")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with started() as server:
        yield server


def connected(
    aws: SimpleNamespace, secret: Any, url: str | None = None
) -> psycopg.Connection[tuple[Any, ...]]:
    aws.secrets.create_secret(Name="database", SecretString=json.dumps(secret))
    return connect(aws.secrets, "database", url)


def test_a_proxy_that_takes_no_options_and_keeps_no_statements_is_asked_for_neither(
    aws: SimpleNamespace, server: Server
) -> None:
    with connected(aws, server.secret) as connection:
        assert connection.info.options == ""
        for _ in range(10):
            connection.execute("SELECT 1")
        assert connection.execute("SELECT count(*) FROM pg_prepared_statements").fetchone() == (0,)


def test_a_server_that_is_silent_is_given_up_before_the_run_ends(
    aws: SimpleNamespace, server: Server
) -> None:
    with connected(aws, server.secret) as connection, socket(fileno=dup(connection.fileno())) as beneath:
        assert beneath.getsockopt(IPPROTO_TCP, TCP_USER_TIMEOUT) == 5_000


def test_the_connection_is_encrypted_whatever_the_secret_leaves_out(
    aws: SimpleNamespace, server: Server
) -> None:
    mine = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
    with connected(aws, server.secret) as connection:
        assert connection.execute(mine).fetchone() == (True,)


def test_a_server_that_the_named_authority_vouches_for_is_spoken_to(
    aws: SimpleNamespace, server: Server
) -> None:
    told = {"sslmode": "verify-full", "sslrootcert": str(server.certificate)}
    with connected(aws, server.secret | told) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_server_of_another_authority_or_name_gets_no_password(
    aws: SimpleNamespace, server: Server, host: str
) -> None:
    authority = server.another_authority() if host == "127.0.0.1" else server.certificate
    told = {"sslmode": "verify-full", "sslrootcert": str(authority), "host": host}
    with pytest.raises(psycopg.OperationalError, match="certificate"):
        connected(aws, server.secret | told)


def test_a_secret_that_rds_manages_is_enough_with_a_url(aws: SimpleNamespace, server: Server) -> None:
    managed = {name: server.secret[name] for name in ("username", "password")}
    sure = f"sslmode=verify-full&sslrootcert={server.certificate}"
    with connected(aws, managed, f"postgresql://127.0.0.1:{server.port}/template1?{sure}") as connection:
        assert connection.info.dbname == "template1"
        assert connection.info.get_parameters()["sslmode"] == "verify-full"


@pytest.mark.parametrize("secret", [{"username": "downloads", "password": "hidden"}, ["hidden"], "hidden"])
def test_a_secret_that_names_no_database_is_told_without_what_it_holds(
    aws: SimpleNamespace, secret: object
) -> None:
    with pytest.raises(HistoryDownError, match="holds no database") as told:
        connected(aws, secret)
    assert told.value.__cause__ is None
    assert "hidden" not in str(told.value)
