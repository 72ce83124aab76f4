"""How a deployment reaches AWS: clients by name, and what went wrong in words."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import boto3
from botocore.config import Config as ClientConfig
from botocore.exceptions import BotoCoreError, ClientError

ClientOf = Callable[..., Any]
FAULTS = (BotoCoreError, ClientError)
# Seconds: whoever waits here wants to be told, not to wait for a minute.
BRIEF = ClientConfig(
    connect_timeout=5, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 2}
)


class Verdict(StrEnum):
    """What a check found. What is tight, or may not be read, is told and is no reason to stop."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the preflight: what was looked at, what was found, and what to do unless it is ok."""

    name: str
    verdict: Verdict
    found: str
    remedy: str = ""


def aws(service: str, **more: Any) -> Any:
    """A client of an AWS service by the usual variables and profiles."""
    return boto3.client(service, config=BRIEF, **more)  # type: ignore[call-overload] # the stubs know services by literal names


def said(fault: Exception) -> str:
    """AWS's code and sentence in one line, or the SDK's own."""
    if isinstance(fault, ClientError):
        told = fault.response.get("Error", {})
        return f"{told.get('Code', '?')}: {told.get('Message', 'no message')}"
    return str(fault).partition("\n")[0]


def code_of(fault: Exception) -> str:
    """AWS's code of a refusal, empty where nothing of AWS answered."""
    return str(fault.response.get("Error", {}).get("Code", "")) if isinstance(fault, ClientError) else ""
