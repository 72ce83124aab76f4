"""`delineate admin forget` against a function that answers as forget_user does."""

import io
import json
import re
from typing import Any

import pytest
from typer.testing import CliRunner

from delineate.cli.app import app
from delineate.operator.cloud import AdminFault, aws
from delineate.operator.forget import ending, forget, in_words

STACK = "downloads-prod"


class Function:
    """A stack and its function, which answers one thing after another."""

    meta = None

    def __init__(self, *answers: object, **more: str) -> None:
        self.answers, self.more, self.asked = list(answers), more, list[dict[str, Any]]()

    def __call__(self, service: str) -> "Function":
        return self

    def describe_stacks(self, **_: str) -> dict[str, Any]:
        return {"Stacks": [{"Outputs": [{"OutputKey": "ForgetUserName", "OutputValue": "forget-1"}]}]}

    def invoke(self, FunctionName: str, Payload: str) -> dict[str, Any]:  # noqa: N803 # boto3's names
        assert FunctionName == "forget-1"
        self.asked.append(json.loads(Payload))
        return {"Payload": io.BytesIO(json.dumps(self.answers.pop(0)).encode()), **self.more}


def slice_of(*, after: str | None = None, done: bool = False) -> dict[str, Any]:
    return {"jobs": 2, "items": 90, "history": 3, "looked_at": 1_000, "after": after, "done": done}


def test_it_is_called_until_nothing_is_left_and_tells_the_sums() -> None:
    function, heard = Function(slice_of(), slice_of(after="here"), slice_of(done=True)), list[Any]()
    sums = forget(STACK, "ann", heard.append, function)
    assert function.asked == [
        {"owner": "user:ann"},
        {"owner": "user:ann"},
        {"owner": "user:ann", "after": "here"},
    ]
    assert sums == heard[-1] == {"jobs": 6, "items": 270, "history": 9, "looked_at": 3_000}
    assert [each["items"] for each in heard] == [90, 180, 270]
    assert "items 270, jobs 6, jobs of the history 9" in in_words(sums)


def test_a_name_that_nothing_is_kept_of_is_asked_about() -> None:
    nothing = {"jobs": 0, "items": 0, "history": 0, "looked_at": 5_000}
    assert ending("ann@example.com", nothing) == (
        "Nothing was found of ann@example.com; is it the `sub` of their tokens?"
    )
    for name in ("jobs", "items", "history"):
        assert ending("ann", nothing | {name: 1}) == "Nothing is left."


def test_an_owner_as_the_table_names_one_is_taken_as_it_is() -> None:
    function = Function(slice_of(done=True))
    forget(STACK, "user:ann", lambda _: None, function)
    assert function.asked == [{"owner": "user:ann"}]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"errorType": "OperationalError", "errorMessage": "down"}, "OperationalError: down. "),
        ({"errorType": "OperationalError"}, "OperationalError. "),
        ({"errorMessage": "down"}, '{"errorMessage": "down"}. '),
    ],
)
def test_a_function_that_fails_is_told_in_words_and_may_be_called_again(
    answer: dict[str, str], said: str
) -> None:
    function = Function(answer, FunctionError="Unhandled")
    with pytest.raises(AdminFault, match=re.escape(f"may be called again: {said}")):
        forget(STACK, "ann", lambda _: None, function)


@pytest.mark.parametrize("user", ["", "  ", "user:"])
def test_nobody_is_no_user(user: str) -> None:
    function = Function(slice_of(done=True))
    with pytest.raises(AdminFault, match="USER is empty"):
        forget(STACK, user, lambda _: None, function)
    assert function.asked == []


def test_a_stack_without_the_function_is_named() -> None:
    class Bare(Function):
        def describe_stacks(self, **_: str) -> dict[str, Any]:
            return {"Stacks": [{}]}

    with pytest.raises(AdminFault, match="it has no ForgetUserName"):
        forget(STACK, "ann", lambda _: None, Bare())


def test_without_a_terminal_nobody_is_deleted_by_accident() -> None:
    done = CliRunner().invoke(app, ["admin", "forget", "ann", "--stack", STACK])
    assert done.exit_code == 2
    assert "--yes" in done.output


@pytest.mark.parametrize(("named", "region"), [("eu-central-1", "eu-central-1"), ("", "us-west-2")])
def test_it_looks_where_the_deployment_went(monkeypatch: pytest.MonkeyPatch, named: str, region: str) -> None:
    """The CDK command asks AWS_REGION first; boto3 asks the other alone."""
    for key in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(key, "testing")
    monkeypatch.setenv("AWS_REGION", named)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    assert aws("lambda").meta.region_name == region
