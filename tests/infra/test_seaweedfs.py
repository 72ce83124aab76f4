"""SeaweedFS beside the emulator: on loopback, silent, with keys that may do no more than they must."""

import os
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from typer.testing import CliRunner

from infra_cdk import local, seaweedfs_setup
from infra_cdk.built import ROOT
from infra_cdk.cloud import LocalCloud
from infra_cdk.config import for_stage
from infra_cdk.emulator import Emulator
from infra_cdk.overrides import parse
from infra_cdk.ports import is_taken
from infra_cdk.processes import start_time
from infra_cdk.seaweedfs import SOCKETS, SeaweedFS, Store
from infra_cdk.seaweedfs_setup import ARCHIVES, FILES, PORTS
from infra_cdk.server import Running, StartError


def test_it_listens_on_loopback_keeps_its_files_together_and_tells_nobody() -> None:
    command = seaweedfs_setup.command(Path("weed"), Path("/state/seaweedfs"), 5000)
    options = dict(option[1:].split("=", 1) for option in command if "=" in option)
    assert options["ip"] == options["ip.bind"] == "127.0.0.1"
    assert options["master.telemetry"] == "false"
    assert options["dir"].startswith("/state/seaweedfs/")
    assert [options[name] for name in PORTS] == [str(port) for port in range(5000, 5008)]


def test_nothing_of_the_callers_aws_setup_reaches_it() -> None:
    outer = {"PATH": "/bin", "AWS_ACCESS_KEY_ID": "real", "AWS_SECRET_ACCESS_KEY": "real"}
    assert seaweedfs_setup.variables(Path("/state"), outer) == {"PATH": "/bin", "TMPDIR": "/state"}


def test_keys_are_new_each_time_and_for_nobody_else(tmp_path: Path) -> None:
    one, other = tmp_path / "one.json", tmp_path / "other.json"
    for file in (one, other):
        seaweedfs_setup.write_identities(file)
        assert file.stat().st_mode & 0o777 == 0o600
    keys = [seaweedfs_setup.read_identities(file) for file in (one, other)]
    assert keys[0].keys() == {"owner", "service"}
    assert len({pair for each in keys for pair in each.values()}) == 4


def test_a_stack_is_told_of_it_by_settings_that_everybody_has() -> None:
    store = Store("http://127.0.0.1:5000", {"owner": ("o", "p"), "service": ("key", "secret")})
    config = for_stage("dev", **parse(store.settings))
    assert (config.s3_endpoint_url, config.s3_path_style) == ("http://127.0.0.1:5000", True)
    assert (config.s3_access_key_id, config.s3_secret_access_key) == ("key", "secret")
    assert (config.bucket_name, config.bundle_bucket_name, config.bundles) == (FILES, ARCHIVES, True)


def test_it_is_started_found_and_stopped_by_whoever_has_its_folder(tmp_path: Path) -> None:
    store = SeaweedFS(tmp_path).start(seaweedfs_setup.install(), attached=False)
    port = int(store.endpoint.rpartition(":")[2])
    try:
        assert SeaweedFS(tmp_path).store() == store
        service = store.client("service")
        store.client().put_object(Bucket=FILES, Key="downloads/1.zip", Body=b"x")
        assert service.head_object(Bucket=FILES, Key="downloads/1.zip")["ContentLength"] == 1
        service.put_object(Bucket=ARCHIVES, Key="bundles/1.zip", Body=b"x")
        with pytest.raises(ClientError, match="AccessDenied"):
            service.put_object(Bucket=FILES, Key="downloads/1.zip", Body=b"y")
    finally:
        assert SeaweedFS(tmp_path).stop() is True
    assert not is_taken(port)
    assert [path for path in SOCKETS.glob("seaweedfs-*") if str(port + 1) in path.name] == []
    assert [path.name for path in tmp_path.iterdir()] == ["seaweedfs.log"]
    assert SeaweedFS(tmp_path).stop() is False


def test_a_stop_leaves_the_program_whatever_the_state_folder_is() -> None:
    """`make demo S3=seaweedfs` in a new clone: the usual state folder is where the program lies."""
    removed = SeaweedFS(ROOT / ".local").temporary
    assert not seaweedfs_setup.VENV.is_relative_to(removed)
    assert not removed.is_relative_to(seaweedfs_setup.VENV)


def test_files_cannot_be_at_two_servers(tmp_path: Path) -> None:
    arguments = ["up", "--s3", "seaweedfs", "-c", "BUCKET_NAME=mine", "--state", str(tmp_path / "state")]
    result = CliRunner().invoke(local.app, arguments)
    assert result.exit_code == 1
    assert not (tmp_path / "state").exists()


def test_no_other_server_can_be_asked_for(tmp_path: Path) -> None:
    result = CliRunner().invoke(local.app, ["up", "--s3", "minio", "--state", str(tmp_path / "state")])
    assert result.exit_code == 2


class Healthy(BaseHTTPRequestHandler):
    """What the emulator answers to who asks whether it is well."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # http.server's name
        """Silence."""


def test_a_cloud_whose_files_are_in_the_emulator_is_not_moved(tmp_path: Path) -> None:
    """Its stack would lose the bucket with the files that it has."""
    with HTTPServer(("127.0.0.1", 0), Healthy) as emulator:
        threading.Thread(target=emulator.serve_forever, daemon=True).start()
        me = Running(os.getpid(), start_time(os.getpid()) or "", emulator.server_port)
        Emulator(tmp_path).remember(me)
        assert LocalCloud(tmp_path).find()
        with pytest.raises(StartError, match="`make down` first"):
            LocalCloud(tmp_path, seaweedfs=True).find()
        emulator.shutdown()
