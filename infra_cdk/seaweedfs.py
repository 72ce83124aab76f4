"""SeaweedFS: a real S3 server beside the emulator, for the files of a local cloud."""

import os
from dataclasses import dataclass
from pathlib import Path

import boto3
from botocore.config import Config
from mypy_boto3_s3 import S3Client

from infra_cdk import seaweedfs_setup
from infra_cdk.ports import LOOPBACK, answers, free_ports
from infra_cdk.seaweedfs_setup import ARCHIVES, FILES, OWNER, PORTS, SERVICE, Identities
from infra_cdk.server import Running, Server, StartError

REGION = "us-east-1"
STARTS = 3
SOCKETS = Path("/tmp")  # noqa: S108 # SeaweedFS's own choice, for all its gRPC sockets
CORS = {
    "AllowedMethods": ["GET", "HEAD"],
    "AllowedOrigins": ["*"],
    "AllowedHeaders": ["range", "if-range", "if-match", "if-none-match"],
    "ExposeHeaders": ["ETag", "Content-Length", "Content-Range", "Content-Disposition", "Accept-Ranges"],
    "MaxAgeSeconds": 3_600,
}


@dataclass(frozen=True)
class Store:
    """A running S3 server: where it answers, and by which keys."""

    endpoint: str
    identities: Identities

    def client(self, name: str = OWNER) -> S3Client:
        """A boto3 client with the keys of the `owner` or of the `service`."""
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=self.identities[name][0],
            aws_secret_access_key=self.identities[name][1],
            config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
        )

    @property
    def settings(self) -> dict[str, str]:
        """The settings of config.py that put the files of a stack here."""
        key, secret = self.identities[SERVICE]
        return {
            "S3_ENDPOINT_URL": self.endpoint,
            "S3_PATH_STYLE": "true",
            "S3_ACCESS_KEY_ID": key,
            "S3_SECRET_ACCESS_KEY": secret,
            "BUCKET_NAME": FILES,
            "BUNDLE_BUCKET_NAME": ARCHIVES,
        }


class SeaweedFS(Server):
    """The one S3 server of a state folder, with two buckets: for files and for archives."""

    def __init__(self, state: Path) -> None:
        # Not `seaweedfs`: in `.local` that holds the program, which all state folders share.
        super().__init__("seaweedfs", state, state / "seaweedfs-run", healthy)
        self._identities = self.temporary / "identities.json"

    def start(self, weed: Path, *, attached: bool) -> Store:
        """Start, wait until it answers, create the buckets.

        Raises:
            StartError: it ended early or didn't answer within 60 s.
        """
        store = self._store(self._run_where_free(weed, STARTS, attached=attached))
        for bucket in (FILES, ARCHIVES):
            store.client().create_bucket(Bucket=bucket)
            store.client().put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [CORS]})  # type: ignore[list-item] # a rule, spelt once
        return store

    def _run_where_free(self, weed: Path, starts: int, *, attached: bool) -> Running:
        """Of its ports one may be taken between the look and the start: then it looks for others."""
        self.stop()
        (self.temporary / "data").mkdir(parents=True)
        seaweedfs_setup.write_identities(self._identities)
        port = free_ports(len(PORTS))
        command = seaweedfs_setup.command(weed, self.temporary, port)
        environment = seaweedfs_setup.variables(self.temporary, os.environ)
        try:
            return self.run(command, environment, port, attached=attached)
        except StartError:
            if starts == 1:
                raise
        return self._run_where_free(weed, starts - 1, attached=attached)

    def store(self) -> Store | None:
        """The server that runs here already, if there is one."""
        running = self.find()
        return self._store(running) if running else None

    def stop(self) -> bool:
        """End what was started here, and remove its files. False when nothing ran."""
        running = self.remembered()
        ended = super().stop()
        for port in range(running.port, running.port + len(PORTS)) if running else ():
            for socket in SOCKETS.glob(f"seaweedfs-*-grpc-{port}.sock"):
                socket.unlink()
        return ended

    def _store(self, running: Running) -> Store:
        identities = seaweedfs_setup.read_identities(self._identities)
        return Store(f"http://{LOOPBACK}:{running.port}", identities)


def healthy(port: int) -> bool:
    """Whether an S3 server of SeaweedFS answers on this port."""
    return answers(port, "/healthz")
