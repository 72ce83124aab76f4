"""What is logged, and what never is."""

import subprocess
import sys

LEAKS = """
import logging, sys
logging.basicConfig(level=logging.DEBUG, stream=sys.stdout)
from downloads.telemetry import logger
logger()
import boto3
client = boto3.client("s3", aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="secret",
    aws_session_token="session-token", region_name="eu-central-1")
print(len(client.generate_presigned_url("get_object", Params={"Bucket": "b", "Key": "k"})) > 100)
logging.getLogger("ours").debug("heard")
"""


def test_at_debug_level_nothing_of_a_signature_is_written() -> None:
    """As on Lambda, whose runtime gives the function's level to the root logger."""
    run = subprocess.run(
        [sys.executable, "-c", LEAKS],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": "functions"},
    )
    assert run.stdout.splitlines() == ["True", "DEBUG:ours:heard"], run.stdout[:500]
    assert run.stderr == ""


def test_a_setting_that_is_wrong_quotes_nothing_of_the_environment() -> None:
    wrong = "from downloads.settings import StreamSettings, load; load(StreamSettings)"
    environment = {"PYTHONPATH": "functions", "STAGE": "dev", "ZZ_SESSION_TOKEN": "session-token"}
    run = subprocess.run(
        [sys.executable, "-c", wrong], capture_output=True, text=True, check=False, env=environment
    )
    assert "table_name" in run.stderr
    assert "session-token" not in run.stderr
