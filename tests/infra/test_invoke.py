"""`make invoke`: which function, which event, what is filled in, and what a person is told."""

import base64
import io
import json
from pathlib import Path
from typing import Any, cast

import pytest
from mypy_boto3_lambda import LambdaClient
from typer import Typer
from typer.testing import CliRunner

from infra_cdk import invoke
from infra_cdk.invoke import MisuseError, call, choose, deployed, fill, load

EVENTS = Path(__file__).parents[2] / "events"
OUTPUTS = {
    "ProcessFileName": "stack-process-1",
    "JobsApiName": "stack-jobs-1",
    "BucketName": "stack-bucket",
    "HighQueueUrl": "http://127.0.0.1:4566/000000000000/stack-high-1",
    "NormalQueueUrl": "http://127.0.0.1:4566/000000000000/stack-normal-1",
    "DeadLetterQueueUrl": "http://127.0.0.1:4566/000000000000/stack-dead-1",
    "BundlesQueueUrl": "http://127.0.0.1:4566/000000000000/stack-bundles-1",
    "NoticesQueueUrl": "http://127.0.0.1:4566/000000000000/stack-notices-1",
    "RestoredQueueUrl": "http://127.0.0.1:4566/000000000000/stack-restored-1",
    "EndedQueueUrl": "http://127.0.0.1:4566/000000000000/stack-ended-1",
}


class Lambda:
    """Lambda with one reply, which keeps how it was asked."""

    def __init__(self, payload: str, **more: str) -> None:
        self.reply = {"Payload": io.BytesIO(payload.encode()), **more}
        self.asked: dict[str, Any] = {}

    def invoke(self, **asked: Any) -> dict[str, Any]:
        self.asked = asked
        return self.reply


def test_functions_are_the_entry_points_that_the_stack_has() -> None:
    assert deployed(OUTPUTS) == {"jobs_api": "stack-jobs-1", "process_file": "stack-process-1"}
    assert choose("jobs_api", deployed(OUTPUTS)) == "stack-jobs-1"


@pytest.mark.parametrize("name", ["", "process-file", "sweep_jobs", "Bucket"])
def test_a_wrong_function_is_answered_with_those_there_are(name: str) -> None:
    with pytest.raises(
        MisuseError, match=f"^FN={name} is no function of this stack; .* jobs_api, process_file"
    ):
        choose(name, deployed(OUTPUTS))


def test_a_stack_without_functions_is_told_as_that() -> None:
    with pytest.raises(MisuseError, match="not deployed yet"):
        choose("process_file", {})


@pytest.mark.parametrize("name", ["", "events/nothing.json", "events"])
def test_a_wrong_event_is_answered_with_those_there_are(name: str) -> None:
    with pytest.raises(MisuseError, match=f"^EVENT={name} cannot be read .* events/process_file.json"):
        load(name)


@pytest.mark.parametrize("content", [b"{", b"", b"\xff"])
def test_an_event_that_is_no_json_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "mine.json").write_bytes(content)
    with pytest.raises(MisuseError, match=r"mine\.json is not JSON"):
        load(str(tmp_path / "mine.json"))


@pytest.mark.parametrize("file", sorted(EVENTS.glob("*.json")), ids=lambda file: file.name)
def test_every_sample_queue_is_filled_in(file: Path) -> None:
    event = load(str(file))
    filled = fill(event, OUTPUTS)
    assert all(own.startswith("arn:aws:sqs:us-east-1:000000000000:stack-") for own in filled.values())
    left = json.dumps(event)
    assert "sqs:eu-central-1" not in left
    assert all(own in left for own in filled.values())


def test_the_lane_is_the_one_the_event_tells() -> None:
    sample = "arn:aws:sqs:eu-central-1:123456789012:downloads-normal"
    event = {"Records": [{"eventSourceARN": sample}, {"eventSourceARN": sample}]}
    own = "arn:aws:sqs:us-east-1:000000000000:stack-normal-1"
    assert fill(event, OUTPUTS) == {sample: own}
    assert event == {"Records": [{"eventSourceARN": own}] * 2}


@pytest.mark.parametrize(
    "event",
    [
        {"Records": [{"eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:mine"}]},
        {"Records": [{"eventSourceARN": "arn:aws:dynamodb:eu-central-1:1:downloads-high"}, 7, {}]},
        {"Records": None},
        [],
        None,
    ],
)
def test_whatever_else_an_event_holds_stays(event: object) -> None:
    before = json.dumps(event)
    assert fill(event, OUTPUTS) == {}
    assert json.dumps(event) == before


def test_the_answer_goes_to_stdout_and_log_and_time_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    log = base64.b64encode(b'{"message":"batch [processed]"}\n').decode()
    client = Lambda('{"kept":["ü"]}', LogResult=log)
    assert call(cast(LambdaClient, client), "stack-process-1", {"Records": []})
    assert client.asked == {
        "FunctionName": "stack-process-1",
        "Payload": b'{"Records": []}',
        "LogType": "Tail",
    }
    told = capsys.readouterr()
    assert told.out == '{\n  "kept": [\n    "ü"\n  ]\n}\n'
    assert '{"message":"batch [processed]"}\nstack-process-1 answered after' in told.err


@pytest.mark.parametrize(
    ("payload", "shown"), [('{"errorType":"KeyError"}', '"errorType": "KeyError"'), ("out of memory",) * 2]
)
def test_a_failure_is_told_and_still_shown(
    capsys: pytest.CaptureFixture[str], payload: str, shown: str
) -> None:
    assert not call(cast(LambdaClient, Lambda(payload, FunctionError="Unhandled")), "one", {})
    told = capsys.readouterr()
    assert shown in told.out
    assert "one failed after" in told.err


def test_nothing_is_called_where_nothing_runs(tmp_path: Path) -> None:
    app = Typer()
    app.command()(invoke.main)
    given = ["--fn", "jobs_api", "--event", "events/jobs_api.json"]
    result = CliRunner().invoke(app, [*given, "--state", str(tmp_path)])
    assert (result.exit_code, result.stdout) == (1, "")


@pytest.mark.parametrize("given", [[], ["--fn", "jobs_api"], ["--event", "events/jobs_api.json"]])
def test_without_a_function_or_an_event_the_usage_is_told(
    given: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    app = Typer()
    app.command()(invoke.main)
    result = CliRunner().invoke(app, [*given, "--state", str(tmp_path)])
    told = result.stderr or capfd.readouterr().err
    assert (result.exit_code, told) == (2, f"{invoke.USAGE}\n")
