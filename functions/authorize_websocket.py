"""$connect's authorizer: lets in by a bearer token in the header, or by a one-time ticket in the query."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from downloads import wiring
from downloads.caller import Session
from downloads.credentials import Credentials
from downloads.errors import IssuerUnavailableError, NotSignedInError, StateUnavailableError
from downloads.run import run
from downloads.settings import AuthorizeSettings
from downloads.telemetry import logger
from downloads.usecases.admit import admit

Policy = dict[str, Any]
NOBODY = "nobody"


@run
def handler(event: dict[str, Any], context: LambdaContext) -> Policy:
    """Answers a refusal with a policy that denies: the client reads 403.

    When nobody can be verified, it raises: nobody gets in either, but the client reads 500 and the alarm of
    this function rings.
    """
    logger().append_keys(connectionId=event["requestContext"]["connectionId"])
    try:
        session = _admit(event)
    except NotSignedInError as refusal:
        logger().warning("refused", extra={"reason": str(refusal)})
        return _policy("Deny", event["methodArn"], NOBODY)
    except (IssuerUnavailableError, StateUnavailableError) as fault:
        logger().exception("nobody can be let in", exc_info=fault)
        raise
    return _policy("Allow", event["methodArn"], _principal(session.owner)) | {"context": _context(session)}


def _admit(event: dict[str, Any]) -> Session:
    config = wiring.settings(AuthorizeSettings)
    given = Credentials.of(event.get("headers"), event.get("queryStringParameters"))
    return admit(given, wiring.gate(config), datetime.now(UTC))


def _policy(effect: str, method_arn: str, principal: str) -> Policy:
    """For this very call, so that it can be taken for no other."""
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": method_arn}
    return {"principalId": principal, "policyDocument": {"Version": "2012-10-17", "Statement": [statement]}}


def _principal(owner: str) -> str:
    """It stands in access logs, where a subject that is an e-mail address must not."""
    return sha256(owner.encode()).hexdigest()[:32]


def _context(session: Session) -> dict[str, str]:
    """What the routes are told of the connection; API Gateway hands on texts only."""
    ends_at = str(int(session.ends_at.timestamp())) if session.ends_at else ""
    return {"owner": session.owner, "jobId": session.job_id or "", "endsAt": ends_at}
