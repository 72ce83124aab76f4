"""`delineate admin redrive` against answers that AWS is known to give."""

import io
import json
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.response import StreamingBody
from botocore.stub import Stubber
from typer.testing import CliRunner

from delineate.cli.app import app
from delineate.operator import redrive
from delineate.operator.cloud import AdminFault

STACK = "downloads-prod"
NAMED = [{"OutputKey": "RedriveFilesName", "OutputValue": "redrive-1"}]


class Aws:
    """Clients whose answers are set beforehand, and checked against the services' own models."""

    def __init__(self) -> None:
        self._clients = {
            name: boto3.client(name, "eu-central-1", aws_access_key_id="k", aws_secret_access_key="s")
            for name in ("cloudformation", "lambda")
        }
        self._stubs = {name: Stubber(client) for name, client in self._clients.items()}

    def __call__(self, service: str) -> Any:
        self._stubs[service].activate()
        return self._clients[service]

    def has_stack(self, outputs: list[dict[str, str]]) -> None:
        stack = {"StackName": STACK, "CreationTime": "2026-01-01", "StackStatus": "CREATE_COMPLETE"}
        self._stubs["cloudformation"].add_response(
            "describe_stacks", {"Stacks": [{**stack, "Outputs": outputs}]}, {"StackName": STACK}
        )

    def answers(self, answer: object, **more: str) -> None:
        raw = json.dumps(answer).encode()
        body = {"Payload": StreamingBody(io.BytesIO(raw), len(raw)), "StatusCode": 200, **more}
        asked = {"FunctionName": "redrive-1", "Payload": '{"most": 7}'}
        self._stubs["lambda"].add_response("invoke", body, asked)

    def refuses(self) -> None:
        self._stubs["cloudformation"].add_client_error("describe_stacks", "AccessDenied", "Not you.")

    def lacks_the_stack(self) -> None:
        why = f"Stack with id {STACK} does not exist"
        self._stubs["cloudformation"].add_client_error("describe_stacks", "ValidationError", why)


@pytest.fixture
def aws() -> Aws:
    return Aws()


def test_it_asks_the_stacks_own_function(aws: Aws) -> None:
    aws.has_stack(NAMED)
    aws.answers({"retried": 2, "poison": 1})
    fates = redrive.redrive(STACK, 7, aws)
    assert fates == {"retried": 2, "poison": 1}
    assert redrive.in_words(fates) == [
        "2 retried: their jobs prepare again what failed",
        "1 stay parked: they cannot be read, or name no file of their job; look at them, then purge them "
        "(docs/runbook.md, Letters in parked)",
    ]


def test_an_empty_queue_is_said_in_words() -> None:
    assert redrive.in_words({}) == ["Nothing is parked."]


def test_another_stack_is_told_apart(aws: Aws) -> None:
    aws.has_stack([])
    with pytest.raises(AdminFault, match="none of the download service"):
        redrive.redrive(STACK, 7, aws)


def test_what_aws_refuses_is_passed_on(aws: Aws) -> None:
    aws.refuses()
    with pytest.raises(AdminFault, match="Not you"):
        redrive.redrive(STACK, 7, aws)


def test_a_function_that_fails_is_a_fault(aws: Aws) -> None:
    aws.has_stack(NAMED)
    aws.answers({"errorMessage": "boom"}, FunctionError="Unhandled")
    with pytest.raises(AdminFault, match="boom"):
        redrive.redrive(STACK, 7, aws)


def test_an_endpoint_that_is_none_is_a_fault_in_words() -> None:
    def nonsense(service: str) -> Any:
        session = boto3.Session("k", "s", region_name="eu-central-1")
        return session.client(service, endpoint_url="nonsense")

    with pytest.raises(AdminFault, match="nonsense"):
        redrive.redrive(STACK, 7, nonsense)


class Answer(io.BytesIO):
    """The body of an answer as botocore reads it."""

    def stream(self, **_: Any) -> Any:
        yield self.read()


@pytest.mark.parametrize("body", [b"{}", b"<html>", b"", b"<a/>"])
def test_an_endpoint_that_is_not_aws_is_a_fault_in_words(body: bytes) -> None:
    def other(service: str) -> Any:
        session = boto3.Session("k", "s", region_name="eu-central-1")
        client = session.client(service, endpoint_url="http://127.0.0.1:9")
        answer = AWSResponse("http://127.0.0.1:9", 200, {}, Answer(body))
        client.meta.events.register("before-send", lambda **_: answer)
        return client

    with pytest.raises(AdminFault, match="does not speak as AWS does"):
        redrive.redrive(STACK, 7, other)


def test_a_stack_that_is_not_there_is_said_with_the_region(aws: Aws) -> None:
    aws.lacks_the_stack()
    with pytest.raises(
        AdminFault, match=r"^There is no stack downloads-prod here \(region eu-central-1\)\.$"
    ):
        redrive.redrive(STACK, 7, aws)


def test_an_empty_name_of_a_stack_is_wrong_usage() -> None:
    ended = CliRunner().invoke(app, ["admin", "redrive", "--stack", ""])
    assert (ended.exit_code, "Name the stack" in ended.output) == (2, True)
