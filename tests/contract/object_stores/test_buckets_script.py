"""The script that the Compose sample makes its buckets with, at a real S3 server: no container is needed."""

import os
import subprocess

import pytest

from tests.conftest import ROOT
from tests.contract.object_stores.stores import Store

SCRIPT = ROOT.parent / "template-samples" / "compose" / "buckets.sh"

pytestmark = pytest.mark.parametrize("store", ["seaweedfs"], indirect=True)


def run(store: Store, secret: str, *buckets: str) -> "subprocess.CompletedProcess[str]":
    told = {"ENDPOINT": store.endpoint, "ACCESS_KEY": store.keys[0], "SECRET_KEY": secret}
    environment = {"PATH": os.environ["PATH"], **told}
    command = ["sh", SCRIPT, *buckets]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_it_makes_what_is_missing_and_leaves_what_is_there(store: Store) -> None:
    for _ in range(2):
        done = run(store, store.keys[1], store.bucket, "made-by-the-script")
        assert (done.returncode, done.stderr) == (0, "")
    assert "made-by-the-script" in [bucket["Name"] for bucket in store.owner.list_buckets()["Buckets"]]


def test_it_fails_where_it_is_refused(store: Store) -> None:
    refused = run(store, "wrong", "third")
    assert (refused.returncode, refused.stderr) == (1, "bucket third: the server answers 403\n")
