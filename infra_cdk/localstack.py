"""LocalStack as a target: `python -m infra_cdk.localstack` prints the variables that lead a shell to it.

The addresses are those that LocalStack's own client resolves, from AWS_ENDPOINT_URL or LOCALSTACK_HOST.
"""

import os
import shlex
import socket
import sys
from collections.abc import Mapping
from urllib.parse import urlsplit

from localstack_client.config import get_service_endpoint  # type: ignore[import-untyped] # it has none

from infra_cdk import deploy

HOST = "localhost.localstack.cloud:4566"
"""A name for LocalStack to its containers and to their machine alike: functions and browsers use the same."""


def endpoint() -> str:
    """Where all of LocalStack's services answer."""
    host = os.environ.get("LOCALSTACK_HOST") or HOST
    found: str = get_service_endpoint("cloudformation", host)
    return found


def variables(address: str) -> dict[str, str]:
    """What the CDK and every SDK need; S3 by a name of its own, since it takes a bucket for a host."""
    scheme, host = urlsplit(address)[:2]
    return {**deploy.credentials(address), "AWS_ENDPOINT_URL_S3": f"{scheme}://s3.{host}"}


def exports(told: Mapping[str, str]) -> str:
    """The same as a shell reads it."""
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in told.items())


def reach(address: str) -> None:
    """Raises ValueError for what is no address, OSError when nobody answers there within 3 s."""
    there = urlsplit(address)
    if there.scheme not in {"http", "https"} or not there.hostname:
        raise ValueError(f"{address!r} is no http(s)://HOST:PORT")
    port = there.port or (443 if there.scheme == "https" else 80)
    socket.create_connection((there.hostname, port), timeout=3).close()


def main() -> None:
    """Prints the variables; ends with 1 and a sentence where LocalStack is not."""
    try:
        address = endpoint()
        reach(address)
    except (ValueError, RuntimeError, OSError) as fault:
        sys.exit(
            f"LocalStack cannot be reached ({fault}). Start it, or set LOCALSTACK_HOST or AWS_ENDPOINT_URL."
        )
    print(exports(variables(address)))  # noqa: T201 # for the shell that asks


if __name__ == "__main__":
    main()
