"""HTTP events as an API with a JWT authorizer hands them on, for users by name."""

import time
from typing import Any

from tests.integration.conftest import sample


def by(user: str, event: dict[str, Any], **claims: str) -> dict[str, Any]:
    """The event, made by a user whose token is good for another hour."""
    exp = str(int(time.time()) + 3_600)
    verified = {"sub": user, "exp": exp, "token_use": "access", **claims}
    event["requestContext"]["authorizer"] = {"jwt": {"claims": verified, "scopes": None}}
    return event


def request(path: str, method: str = "GET", body: str | None = None, **query: str) -> dict[str, Any]:
    """A request that nobody has signed in for."""
    event = sample("jobs_api")
    del event["requestContext"]["authorizer"]
    event["rawPath"] = event["requestContext"]["http"]["path"] = path
    event["requestContext"]["http"]["method"] = method
    return event | {"queryStringParameters": query, "body": body}
