"""Signing in to an Amazon Cognito user pool by its public API; no AWS credentials are needed."""

import json
import time
from collections.abc import Callable
from typing import Any

from delineate.auth.grant import Grant, Issuer
from delineate.auth.issuer_http import ask, printable
from delineate.auth.person import AGAIN, Person
from delineate.errors import SignInFailed, Unreachable

OK = 200
WRONG = "The user name or the password is wrong."
IN_WORDS = {
    "UserNotFoundException": WRONG,
    "UserNotConfirmedException": "This account has not been confirmed yet.",
    "PasswordResetRequiredException": "The password of this account must be reset first.",
    "CodeMismatchException": "That code is not right.",
    "ExpiredCodeException": "That code has expired.",
}
BUSY = frozenset({"TooManyRequestsException", "LimitExceededException", "InternalErrorException"})
# What may be answered once more after a slip: Cognito keeps the session open.
SLIPS = frozenset({"CodeMismatchException", "InvalidPasswordException"})
ANSWERS = 3
# Challenge: the name of the answer, the question, and whether the answer is shown.
CODES = {
    "SOFTWARE_TOKEN_MFA": ("SOFTWARE_TOKEN_MFA_CODE", "Code of your authenticator app"),
    "SMS_MFA": ("SMS_MFA_CODE", "Code from the text message"),
    "EMAIL_OTP": ("EMAIL_OTP_CODE", "Code from the e-mail"),
}


class Refusal(SignInFailed):
    """Cognito's own error; `exception` is the name it has there."""

    def __init__(self, exception: str, message: str) -> None:
        super().__init__(exception, message)
        self.exception = exception

    def __str__(self) -> str:
        """Only the words."""
        return str(self.args[1])


def sign_in(
    issuer: Issuer, username: str, password: str, person: Person, clock: Callable[[], float] = time.time
) -> Grant:
    """Tokens for a user; the person answers what the pool asks beyond the password."""
    given = {"USERNAME": username, "PASSWORD": password}
    reply = _initiate(issuer, "USER_PASSWORD_AUTH", given)
    while challenge := reply.get("ChallengeName"):
        reply = _answered(issuer, str(challenge), reply, username, person)
    return _grant(issuer, reply, None, clock())


def refresh(grant: Grant, now: float) -> Grant:
    """The next access token. Raises `SignInFailed` when the refresh token is taken no more."""
    reply = _initiate(grant.issuer, "REFRESH_TOKEN_AUTH", {"REFRESH_TOKEN": str(grant.refresh_token)})
    return _grant(grant.issuer, reply, grant.refresh_token, now)


def revoke(grant: Grant) -> None:
    """End the refresh token, and with it the access tokens that came of it."""
    _call(grant.issuer, "RevokeToken", {"Token": grant.refresh_token, "ClientId": grant.issuer.client_id})


def _initiate(issuer: Issuer, flow: str, parameters: dict[str, str]) -> dict[str, Any]:
    body = {"AuthFlow": flow, "ClientId": issuer.client_id, "AuthParameters": parameters}
    return _call(issuer, "InitiateAuth", body)


def _answered(
    issuer: Issuer, challenge: str, reply: dict[str, Any], username: str, person: Person
) -> dict[str, Any]:
    """What Cognito says to the person's answer; a slip may be mended twice."""
    told = reply.get("ChallengeParameters") or {}
    for tries_left in reversed(range(ANSWERS)):
        responses = {"USERNAME": told.get("USER_ID_FOR_SRP") or username, **_asked(challenge, person)}
        body = {"ClientId": issuer.client_id, "ChallengeName": challenge, "Session": reply.get("Session")}
        try:
            return _call(issuer, "RespondToAuthChallenge", body | {"ChallengeResponses": responses})
        except Refusal as slip:
            if slip.exception not in SLIPS or not tries_left:
                raise
            person.tell(str(slip))
    raise AssertionError("the last try returns or raises")


def _asked(challenge: str, person: Person) -> dict[str, str]:
    if challenge == "NEW_PASSWORD_REQUIRED":
        person.tell("This account needs a new password.")
        return {"NEW_PASSWORD": _new_password(person)}
    if challenge in CODES:
        name, label = CODES[challenge]
        return {name: person.ask(label)}
    raise SignInFailed(
        f"The sign-in service asks for {printable(challenge)}, which this client cannot answer."
    )


def _new_password(person: Person) -> str:
    while True:
        chosen = person.ask_secret("New password")
        if person.ask_secret(f"New password{AGAIN}") == chosen:
            return chosen
        person.tell("These two differ.")


def _grant(issuer: Issuer, reply: dict[str, Any], refresh_token: str | None, now: float) -> Grant:
    result = reply.get("AuthenticationResult") or {}
    renewed = result.get("RefreshToken") or refresh_token
    return Grant.issued(issuer, result.get("AccessToken"), renewed, result.get("ExpiresIn"), now)


def _call(issuer: Issuer, action: str, body: dict[str, Any]) -> dict[str, Any]:
    headers = {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": f"AWSCognitoIdentityProviderService.{action}",
    }
    status, reply = ask("POST", issuer.url, headers=headers, content=json.dumps(body))
    if status == OK:
        return reply
    raise _refusal(reply, status)


def _refusal(reply: dict[str, Any], status: int) -> SignInFailed | Unreachable:
    code = printable(reply.get("__type", f"HTTP {status}")).rpartition("#")[2]
    said = printable(reply.get("message") or reply.get("Message") or "").strip()
    if code in BUSY:
        return Unreachable("The sign-in service is busy: try again in a little while.")
    if code == "NotAuthorizedException":
        return Refusal(code, said or WRONG)
    words = f"The sign-in service refused: {said.rstrip('.') or 'it gave no reason'} ({code})."
    return Refusal(code, IN_WORDS.get(code, words))
