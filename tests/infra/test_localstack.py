"""LocalStack as a target: its own client says where it is, and the stack is the one that AWS gets."""

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aws_cdk.assertions import Template

from infra_cdk import localstack
from tests.infra.conftest import ENDPOINT, Synthesize

ROOT = Path(__file__).parents[2]
KNOWN = {"Region": "us-east-1", "AccountId": "000000000000", "URLSuffix": "amazonaws.com", "Partition": "aws"}
"""What AWS fills in when it deploys, and is known of an emulator."""

ADDRESSES = {"WEBSOCKET_ENDPOINT", "WEBSOCKET_URL", "AUTH_ENDPOINT", "TOKEN_ISSUER", "JWKS_URL", "Issuer"}
OUTPUTS = {"ApiUrl", "DocsUrl", "WebSocketUrl", "WebSocketEndpoint"}


@pytest.mark.parametrize(
    ("variable", "value", "found"),
    [
        ("LOCALSTACK_HOST", "", "http://localhost.localstack.cloud:4566"),
        ("LOCALSTACK_HOST", "ls.example:4510", "http://ls.example:4510"),
        ("AWS_ENDPOINT_URL", "http://localhost:4566", "http://localhost:4566"),
    ],
)
def test_its_own_client_says_where_it_is(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, found: str
) -> None:
    monkeypatch.setenv(variable, value)
    assert localstack.endpoint() == found


def test_a_deployment_goes_to_it_and_nowhere_else(tmp_path: Path) -> None:
    """The real command, with a program in the place of the CDK's that tells how it was called."""
    cdk = tmp_path / "cdk"
    cdk.write_text('#!/bin/sh\necho "$@"\nenv\n')
    cdk.chmod(0o755)
    command = ["make", "-s", "deploy", "TARGET=localstack", f"CDK={cdk}"]
    outer = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MAKE"))}
    outer |= {"AWS_ACCESS_KEY_ID": "real", "AWS_SECRET_ACCESS_KEY": "real"}
    with socket.create_server(("127.0.0.1", 0)) as there:
        host = f"localhost:{there.getsockname()[1]}"
        outer["LOCALSTACK_HOST"] = host
        done = subprocess.run(command, cwd=ROOT, env=outer, capture_output=True, text=True, check=True)
    called, *told = done.stdout.splitlines()
    place = f"http://{host}"
    assert called == f"deploy --all -c stage=dev -c target=localstack -c endpoint={place}"
    assert f"AWS_ENDPOINT_URL={place}" in told
    assert f"AWS_ENDPOINT_URL_S3=http://s3.{host}" in told
    assert {"AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_REGION=us-east-1"} <= set(told)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("LOCALSTACK_HOST", "127.0.0.1:9"),
        ("LOCALSTACK_HOST", "garbage:xx"),
        ("AWS_ENDPOINT_URL", "nonsense"),
        ("AWS_ENDPOINT_URL", "http://"),
    ],
)
def test_where_it_is_not_one_sentence_says_so(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SystemExit, match=r"^LocalStack cannot be reached .*LOCALSTACK_HOST"):
        localstack.main()


@pytest.mark.parametrize(
    ("goal", "target"), [("deploy", "azure"), ("deploy", ""), ("preflight", "localstack")]
)
def test_another_target_is_refused_and_goes_nowhere(goal: str, target: str) -> None:
    done = subprocess.run(
        ["make", "-s", goal, f"TARGET={target}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "TARGET" in done.stderr.splitlines()[0]


def test_without_its_address_nothing_is_deployed(tmp_path: Path) -> None:
    """Else it would go to AWS, with real keys."""
    (tmp_path / "python").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "python").chmod(0o755)
    where = re.findall(r"^LOCALSTACK := (.*) &&$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    line = where[0].replace("$$", "$").replace("$(BIN)/python", str(tmp_path / "python"))
    done = subprocess.run(["bash", "-c", f"{line} && echo deployed"], capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (1, b"")


@pytest.fixture(scope="module")
def theirs(synthesize: Synthesize) -> Template:
    return synthesize("dev", "localstack")


def test_the_stack_is_that_of_aws_but_for_addresses(dev: Template, theirs: Template) -> None:
    differing = {path[-1] for path in differences(filled(dev.to_json()), filled(theirs.to_json()))}
    assert differing == ADDRESSES | OUTPUTS | {"_custom_id_", "S3_PATH_STYLE"}


def test_its_addresses_are_the_endpoints(theirs: Template) -> None:
    text = json.dumps(theirs.to_json())
    host = ENDPOINT.partition("://")[2]
    for address in (f'"http://{host}/"', f".execute-api.{host}", '"ws://', '"http://'):
        assert address in text
    assert "localhost.localstack.cloud" not in text
    assert ".amazonaws.com/live" not in text


def test_the_command_that_tells_its_address_is_what_a_shell_reads() -> None:
    command = [sys.executable, "-m", "infra_cdk.localstack"]
    with socket.create_server(("127.0.0.1", 0)) as there:
        outer = os.environ | {"LOCALSTACK_HOST": f"127.0.0.1:{there.getsockname()[1]}"}
        done = subprocess.run(command, cwd=ROOT, env=outer, capture_output=True, text=True, check=True)
    assert all(line.startswith("export AWS_") for line in done.stdout.splitlines())


def filled(value: Any) -> Any:
    """A template with what is known filled in, and texts of several parts joined."""
    if isinstance(value, list):
        return [filled(part) for part in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"Ref"} and value["Ref"].removeprefix("AWS::") in KNOWN:
        return KNOWN[value["Ref"].removeprefix("AWS::")]
    if set(value) == {"Fn::Sub"}:
        return re.sub(r"\$\{AWS::(\w+)\}", lambda found: KNOWN[found[1]], value["Fn::Sub"])
    if set(value) == {"Fn::Join"}:
        parts = map(filled, value["Fn::Join"][1])
        return "".join(part if isinstance(part, str) else json.dumps(part) for part in parts)
    return {key: filled(part) for key, part in value.items()}


def differences(one: Any, other: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Where two templates differ; an output by its name, not by its value's."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in one.keys() | other.keys():
            inner = path if key == "Value" else (*path, key)
            yield from differences(one.get(key), other.get(key), inner)
    elif one != other:
        yield path
