"""LocalStack as a target: `python -m infra_cdk.localstack` prints the variables that lead a shell to it.

The addresses are those that LocalStack's own client resolves, from AWS_ENDPOINT_URL or LOCALSTACK_HOST.
"""

import os
import shlex
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


if __name__ == "__main__":
    print(exports(variables(endpoint())))  # noqa: T201 # for the shell that asks
