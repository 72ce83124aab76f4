"""Where faults are told to nobody, telling costs nothing; what is told is scrubbed."""

import subprocess
import sys

import pytest

from downloads.scrubbing import GONE, scrub
from downloads.ticket import new_secret

UNTOLD = """
import sys
from downloads import faults
from downloads.setting_parts import read
from downloads.settings import FaultSettings
faults.begin(read(FaultSettings, {"stage": "dev"}))
faults.about(faults.Run(function="tested", owner="user:alice", file_count=3))
faults.captured(ValueError("broken"))
faults.flush()
print([name for name in sys.modules if name.startswith(("sentry_sdk", "downloads.sentry"))])
"""


def test_without_a_dsn_nothing_of_sentry_is_imported() -> None:
    run = subprocess.run(
        [sys.executable, "-c", UNTOLD],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": "functions"},
    )
    assert (run.stdout, run.stderr) == ("[]\n", "")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("got https://b.s3.eu-central-1.amazonaws.com/downloads/7.zip?X-Amz-Signature=0a now",
         f"got https://b.s3.eu-central-1.amazonaws.com/downloads/7.zip?{GONE} now"),
        ("'/v1/download/progress/1?ticket=abc&x=1'", f"'/v1/download/progress/1?{GONE}'"),
        ("https://me:word@receiver.example/hook", f"https://{GONE}@receiver.example/hook"),
        ("{'Authorization': 'Bearer abc.def'}", f"{{'Authorization': '{GONE}'}}"),
        ("authorization: Basic dXNlcg==", f"authorization: {GONE}"),
        ("ticket=abc, secret: 'xyz'", f"ticket={GONE}, secret: '{GONE}'"),
        ("key whsec_MfKQ9r8GKYqrTwjU/Z+==", f"key {GONE}"),
        ("token eyJhbGciOi.eyJzdWIi.c2ln is", f"token {GONE} is"),
        ("AKIAIOSFODNN7EXAMPLE", GONE),
        ("the secret wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", f"the secret {GONE}"),
        ("job of user:7f3e-1, asked", f"job of {GONE}, asked"),
        ("told alice@example.com so", f"told {GONE} so"),
    ],
)  # fmt: skip
def test_what_could_be_a_secret_is_taken_out(text: str, left: str) -> None:
    assert scrub(text) == left


def test_tickets_are_taken_out_wherever_they_stand() -> None:
    for _ in range(200):
        ticket = new_secret()
        assert ticket not in scrub(f"used {ticket} twice")


@pytest.mark.parametrize(
    "text",
    [
        "7f3e2c1a-5b4d-4e6f-8a90-1b2c3d4e5f60 is away? 70000 is there",
        "digest 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "no token, no ticket and no secret",
        "arn:aws:lambda:eu-central-1:123456789012:function:downloads-prod-ProcessFile5A1B2C3D",
        "An error occurred (ThrottlingException) when calling the UpdateItem operation",
        "downloads@0.1.0",
    ],
)
def test_what_helps_to_find_a_fault_stays(text: str) -> None:
    assert scrub(text) == text


def test_all_of_an_event_is_looked_at() -> None:
    path = "/Opt/2/python/lib/Python311LibraryFolderOfTheSite"
    event = {
        "extra": {"Set-Cookie": {"a": 1}, "jobId": "7f3e", "urls": ("https://h/?key=1",)},
        "exception": {"frames": [{"abs_path": path, "lineno": 7}]},
        "token": None,
    }
    assert scrub(event) == {
        "extra": {"Set-Cookie": GONE, "jobId": "7f3e", "urls": [f"https://h/?{GONE}"]},
        "exception": {"frames": [{"abs_path": path, "lineno": 7}]},
        "token": None,
    }
