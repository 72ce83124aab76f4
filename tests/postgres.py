"""A real PostgreSQL of Debian's on loopback, in a folder of its own, run by who is not root."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from downloads import postgres
from infra_cdk.ports import free_port

NOBODY = "nobody"
USER, PASSWORD, DATABASE = "downloads", "s3cret-of-a-test", "postgres"
TABLES = (Path(postgres.__file__).parent / "001_tables.sql").read_text()
PATIENCE_S = 60


def binaries() -> Path:
    """The newest server's folder. Raises FileNotFoundError, with what to install."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    if not found:
        raise FileNotFoundError("initdb: apt-get install postgresql")
    return found[-1].parent


@contextmanager
def started() -> Iterator["Server"]:
    """A server for as long as it is entered."""
    server = Server()
    try:
        server.start()
        yield server
    finally:
        server.close()


class Server:
    """One cluster; it can be stopped and started again, as an outage is. `close` removes it."""

    def __init__(self) -> None:
        self.port = free_port()
        self._folder = Path(tempfile.mkdtemp(prefix="history-"))
        self._who: dict[str, Any] = {}
        if os.geteuid() == 0:
            # PostgreSQL refuses to be run by root.
            someone = pwd.getpwnam(NOBODY)
            self._who = {"user": someone.pw_uid, "group": someone.pw_gid, "extra_groups": []}
            os.chown(self._folder, someone.pw_uid, someone.pw_gid)
        self._running: subprocess.Popen[bytes] | None = None
        password = self._folder / "password"
        password.write_text(PASSWORD)
        manner = [
            f"--pwfile={password}",
            "--auth=scram-sha-256",
            "--username",
            USER,
            "--no-sync",
            "-E",
            "UTF8",
        ]
        command = [str(binaries() / "initdb"), "-D", str(self._data), *manner]
        subprocess.run(command, check=True, capture_output=True, cwd=self._folder, **self._who)
        self.certificate = self._certify("server")

    def _certify(self, name: str) -> Path:
        """A certificate that vouches for itself and for 127.0.0.1; its key, NAME.key, lies beside it."""
        made = self._folder / f"{name}.crt"
        form = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
        what = ["-nodes", "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1"]
        where = ["-keyout", str(made.with_suffix(".key")), "-out", str(made)]
        subprocess.run([*form, *what, *where], check=True, capture_output=True, **self._who)
        return made

    def another_authority(self) -> Path:
        """A certificate that this server has not."""
        return self._certify("another")

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    @property
    def secret(self) -> dict[str, Any]:
        """As RDS writes it."""
        where = {"engine": "postgres", "host": "127.0.0.1", "port": self.port, "dbname": DATABASE}
        return {**where, "username": USER, "password": PASSWORD}

    def connect(self) -> "psycopg.Connection[tuple[Any, ...]]":
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user=USER, password=PASSWORD, dbname=DATABASE, autocommit=True
        )

    def start(self) -> None:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            "fsync": "off",
            "max_connections": 10,
            "ssl": "on",
            "ssl_cert_file": self.certificate,
            "ssl_key_file": self.certificate.with_suffix(".key"),
        }
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command = [str(binaries() / "postgres"), "-D", str(self._data), *words]
        with (self._folder / "log").open("ab") as log:
            self._running = subprocess.Popen(command, stdout=log, stderr=log, cwd=self._folder, **self._who)
        deadline = time.monotonic() + PATIENCE_S
        while not self._answers():
            assert time.monotonic() < deadline, (self._folder / "log").read_text()
            assert self._running.poll() is None, (self._folder / "log").read_text()
            time.sleep(0.05)

    def stop(self) -> None:
        """At once, as a failover is: open connections break."""
        if self._running:
            self._running.send_signal(signal.SIGQUIT)
            self._running.wait(PATIENCE_S)
        self._running = None

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def apply_tables(self) -> None:
        """As an operator does: and once more, which changes nothing."""
        with self.connect() as connection:
            for _ in range(2):
                connection.execute(TABLES)

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self.connect() as connection:
            return connection.execute(query, values).fetchall()

    def _answers(self) -> bool:
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True
