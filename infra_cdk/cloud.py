"""LocalCloud: an emulator with the stack deployed to it, for a person's terminal and for tests alike."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import boto3
from botocore.config import Config

from infra_cdk import deploy, emulator_gaps, emulator_setup, layers, samples, seaweedfs_setup
from infra_cdk.emulator import Emulator
from infra_cdk.page_build import put_page
from infra_cdk.page_server import PageServer
from infra_cdk.ports import LOOPBACK, choose_port
from infra_cdk.seaweedfs import SeaweedFS, Store
from infra_cdk.seed import seed
from infra_cdk.server import Running, StartError
from infra_cdk.steps import Step, silent
from infra_cdk.users import Users
from infra_cdk.warm import warm

PASSWORDS = "users.json"
CREDENTIALS = "credentials.json"
"""Where the demo's client keeps its tokens: with this cloud, and not among a person's own."""


class LocalCloud:
    """One local cloud in `state`, a folder of its own; any number run side by side on ports of their own.

    As a context manager it starts attached: it ends with the block, and with this process in any case.

        with LocalCloud(tmp_path, port=free_port()) as cloud:
            outputs = cloud.deploy(context={"MAX_CONCURRENCY": "4"})
            cloud.put_object("downloads/70000.zip", b"...")

    With `seaweedfs` files and archives lie in SeaweedFS, which is started beside the emulator.
    """

    def __init__(
        self, state: Path, port: int | None = None, step: Step = silent, *, seaweedfs: bool = False
    ) -> None:
        self.state = state.resolve()
        self.emulator = Emulator(self.state)
        self.store: Store | None = None
        self.outputs: dict[str, str] = {}
        self._page = PageServer(self.state)
        self._seaweedfs = SeaweedFS(self.state)
        self._with_seaweedfs = seaweedfs
        self._port = port
        self._step = step
        self._running: Running | None = None

    def __enter__(self) -> Self:
        self.start(attached=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def endpoint(self) -> str:
        """Where the emulator's AWS services answer. Raises RuntimeError before the start."""
        if self._running is None:
            raise RuntimeError("the local cloud is not started")
        return f"http://{LOOPBACK}:{self._running.port}"

    @property
    def environment(self) -> dict[str, str]:
        """The AWS variables with which an SDK or a command line tool reaches this cloud."""
        return deploy.credentials(self.endpoint)

    def client(self, service: str, config: Config | None = None) -> Any:
        """A boto3 client of one of this cloud's services, such as `sqs` or `dynamodb`."""
        session = boto3.Session("test", "test", region_name=deploy.REGION)
        return session.client(service, endpoint_url=self.endpoint, config=config)  # type: ignore[call-overload] # the stubs know services by literal names

    @property
    def files(self) -> Any:
        """A boto3 client of S3 where the files lie, with rights to put some there."""
        return self.store.client() if self.store else self.client("s3")

    def management(self) -> Any:
        """A boto3 client of the deployed WebSocket API's connections."""
        session = boto3.Session("test", "test", region_name=deploy.REGION)
        return session.client("apigatewaymanagementapi", endpoint_url=self.outputs["WebSocketEndpoint"])

    @property
    def users(self) -> Users | None:
        """Who may sign in, where the stack has a user pool of its own."""
        if "UserPoolId" not in self.outputs:
            return None
        pool = (self.outputs["UserPoolId"], self.outputs["UserPoolClientId"])
        return Users(self.client("cognito-idp"), *pool, self.state / PASSWORDS)

    def sign_in(self, name: str) -> str:
        """An access token of a user of this cloud, who is made when missing.

        Raises:
            RuntimeError: the deployed stack has no user pool.
        """
        if self.users is None:
            raise RuntimeError(
                "the deployed stack has no user pool: AUTH_MODE is none, or OIDC_ISSUER is set"
            )
        return self.users.sign_in(name)

    def find(self) -> bool:
        """Take up the cloud that runs in this state folder already, if there is one.

        Raises:
            StartError: it runs without the SeaweedFS that is asked for.
        """
        self._running = self.emulator.find()
        if self._running is None:
            return False
        self.store = self._seaweedfs.store()
        if self._with_seaweedfs and self.store is None:
            raise StartError("what runs has its files in the emulator: `make down` first, then S3=seaweedfs")
        self.outputs = self._read_outputs()
        return True

    def start(self, *, attached: bool) -> None:
        """Start the emulator, and SeaweedFS where that was asked for, and bootstrap it for the CDK.

        Raises:
            StartError: one did not start.
            CommandError: its packages could not be installed, or the bootstrap failed.
        """
        self.state.mkdir(parents=True, exist_ok=True)
        with self._step("emulator installed"):
            python = emulator_setup.install()
        with self._step("emulator started"):
            port = self._port or choose_port()
            self._running = self.emulator.start(python, port, attached=attached)
        try:
            if self._with_seaweedfs:
                with self._step("SeaweedFS started"):
                    self.store = self._seaweedfs.start(seaweedfs_setup.install(), attached=attached)
            with self._step("CDK bootstrapped"):
                deploy.bootstrap(self._variables, self.state)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> bool:
        """End the emulator of this state folder and remove its files; False when none ran."""
        self._running = None
        self.store = None
        self.outputs = {}
        self._page.stop()
        for told in ("outputs.json", "env", "samples.json", PASSWORDS, CREDENTIALS, f"{CREDENTIALS}.lock"):
            (self.state / told).unlink(missing_ok=True)
        self._seaweedfs.stop()
        return self.emulator.stop()

    def deploy(self, stage: str = "dev", context: Mapping[str, str] | None = None) -> dict[str, str]:
        """Deploy the stack, anew or as an update, and return its outputs.

        `context` overrides settings of config.py by their names in capitals.

        Raises:
            CommandError: the deployment failed.
        """
        with self._step("layers built"):
            for layer in (layers.DEPENDENCIES, layers.IDENTITY):
                layers.build(layer, layers.HOST)
        with self._step("stack deployed"):
            place = {"stage": stage, "target": "local", "endpoint": self.endpoint}
            elsewhere = self.store.settings if self.store else {}
            settings = {**(context or {}), **elsewhere, **place}
            self.outputs = deploy.deploy(self._variables, self.state, settings)
            emulator_gaps.mend(self.client("apigatewayv2"), self.state / "cdk.out")
        self._write_outputs()
        return self.outputs

    def warm(self) -> list[str]:
        """Call every function once, process_file as often as it runs at once; returns what went wrong."""
        with self._step("functions warmed"):
            return warm(self.client("lambda"), self.outputs)

    def seed(self, key_template: str) -> int:
        """Put the sample files into the bucket, and their digests into samples.json; returns how many."""
        archived = {} if self.store else samples.ARCHIVED
        manifest = self.state / "samples.json"
        with self._step("sample files uploaded"):
            return seed(self.files, self.outputs["BucketName"], key_template, manifest, archived)

    def show_page(self, build: Path, files: Sequence[object], port: int | None = None) -> str:
        """Upload the demo page and serve it until the stop; its address replaces CloudFront's in the outputs.

        Raises:
            StartError: the port is taken.
        """
        if self._running is None:
            raise RuntimeError("the local cloud is not started")
        with self._step("demo page uploaded"):
            settings = {"apiUrl": self.outputs["ApiUrl"], "files": files}
            bucket = self.outputs["DemoPageBucket"]
            emulator_gaps.let_cloudfront_read(self.client("s3"), bucket)
            put_page(self.client("s3"), bucket, build, settings)
            domain = self.outputs["DemoPageUrl"].removeprefix("https://")
            self.outputs["DemoPageUrl"] = self._page.start(self._running.port, domain, port)
        self._write_outputs()
        return self.outputs["DemoPageUrl"]

    def put_object(self, key: str, body: bytes) -> None:
        """Put a file into the deployed bucket."""
        self.files.put_object(Bucket=self.outputs["BucketName"], Key=key, Body=body)

    @property
    def _variables(self) -> dict[str, str]:
        # What a killed CDK command leaves behind lies where it is removed with the rest.
        temporary = {"TMPDIR": str(self.emulator.temporary)}
        return {**deploy.variables(self.endpoint, os.environ), **temporary}

    def _write_outputs(self) -> None:
        (self.state / "outputs.json").write_text(json.dumps(self.outputs, indent=2))

    def _read_outputs(self) -> dict[str, str]:
        file = self.state / "outputs.json"
        return dict(json.loads(file.read_text())) if file.exists() else {}
