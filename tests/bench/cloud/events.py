"""Events as API Gateway makes them: the samples of `events/`, about another job."""

import json
from pathlib import Path
from typing import Any

EVENTS = Path(__file__).parents[3] / "events"
SAMPLE_JOB = "7f3e2c1a-5b4d-4e6f-8a90-1b2c3d4e5f60"
NEVER = "4102444800"


def sample(name: str, job_id: str = SAMPLE_JOB) -> dict[str, Any]:
    """With a token that does not end while this is run."""
    event: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text().replace(SAMPLE_JOB, job_id))
    if claims := event["requestContext"].get("authorizer", {}).get("jwt", {}).get("claims"):
        claims["exp"] = NEVER
    return event


def initiating(file_ids: list[int]) -> dict[str, Any]:
    return sample("initiate_job") | {"body": json.dumps({"file_ids": file_ids})}


def authorizing(job_id: str, ticket: str) -> dict[str, Any]:
    event = sample("authorize_websocket.ticket", job_id)
    return event | {"queryStringParameters": {"ticket": ticket, "jobId": job_id}}


def connecting(job_id: str, context: dict[str, str]) -> dict[str, Any]:
    event = sample("websocket.connect", job_id)
    event["requestContext"]["authorizer"] = context
    return event


def linking(job_id: str, limit: int, cursor: str | None) -> dict[str, Any]:
    """One page of links."""
    query = {"limit": str(limit), **({"cursor": cursor} if cursor else {})}
    text = "&".join(f"{name}={value}" for name, value in query.items())
    return sample("jobs_api.links", job_id) | {"queryStringParameters": query, "rawQueryString": text}
