"""What is raised travels between processes whole, and has a code of its own."""

import pickle

import pytest

from delineate import errors
from delineate.auth.cognito import Refusal
from delineate.auth.credentials import CredentialsFault
from delineate.errors import (
    BadRequest,
    DelineateError,
    FileFault,
    NoArchive,
    RateLimited,
    SignInFailed,
    SignInNeeded,
    Stopped,
    TimedOut,
    Unreachable,
)

EACH = [
    BadRequest("INVALID_REQUEST", "Not valid.", 422, "req-1"),
    RateLimited("RATE_LIMITED", "Too many.", 429, "req-1", 7.0),
    SignInNeeded(),
    SignInNeeded("The token has ended.", "req-1"),
    SignInFailed("The password is wrong."),
    Refusal("NotAuthorizedException", "The password is wrong."),
    CredentialsFault("It is damaged."),
    FileFault("CORRUPT", "Not the file."),
    NoArchive("NO_BUNDLE", "There is none."),
    Stopped(),
    TimedOut("Not within 2 s."),
    Unreachable("No answer."),
]


@pytest.mark.parametrize("fault", EACH, ids=lambda fault: type(fault).__name__)
def test_an_error_comes_out_of_another_process_as_it_was(fault: DelineateError) -> None:
    back = pickle.loads(pickle.dumps(fault))  # noqa: S301 # it was made here
    assert (type(back), str(back), vars(back)) == (type(fault), str(fault), vars(fault))
    assert back.code == fault.code


def test_a_code_is_never_another_kinds() -> None:
    kinds = [errors.DelineateError, errors.Unreachable, errors.SignInFailed, errors.Stopped, errors.TimedOut]
    assert len({kind.code for kind in kinds}) == len(kinds)
