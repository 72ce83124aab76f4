"""How a deployment reaches AWS: clients by name, and what went wrong in words."""

import os
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
    """A client of an AWS service by the usual variables and profiles, where the CDK command will deploy.

    That asks AWS_REGION before AWS_DEFAULT_REGION and the profile; boto3 does not know the first.
    """
    region = {"region_name": os.environ.get("AWS_REGION") or None}
    return boto3.client(service, config=BRIEF, **(region | more))  # type: ignore[call-overload] # the stubs know services by literal names


def said(fault: Exception) -> str:
    """AWS's code and sentence in one line, or the SDK's own."""
    if isinstance(fault, ClientError):
        told = fault.response.get("Error", {})
        # What answers may be no AWS at all, but a proxy with a page of its own.
        message = str(told.get("Message") or "no message").strip().partition("\n")[0][:300]
        return f"{told.get('Code', '?')}: {message}"
    return str(fault).partition("\n")[0]


def code_of(fault: Exception) -> str:
    """AWS's code of a refusal, empty where nothing of AWS answered."""
    return str(fault.response.get("Error", {}).get("Code", "")) if isinstance(fault, ClientError) else ""
