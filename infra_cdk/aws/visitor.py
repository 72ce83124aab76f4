"""Somebody to be for one smoke test: a user of the stack's own pool, made for it, who deletes themself after.

It takes the right to make a user, and none over those who are there: what follows, their own password opens.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from secrets import token_hex
from typing import Any

from infra_cdk.aws.account import FAULTS, Check, ClientOf, Verdict, code_of, said
from infra_cdk.commands import CommandError
from infra_cdk.users import new_password

POOL, CLIENT = "UserPoolId", "UserPoolClientId"
PREFIX = "smoke-test-"
RIGHT = "Making a user takes cognito-idp:AdminCreateUser on the pool: template-samples/github-oidc."
LEFT = f"A user {PREFIX}… may be left in the pool: aws cognito-idp admin-delete-user."
Trial = Callable[[str | None], list[Check]]


def visited(outputs: Mapping[str, str], client_of: ClientOf, trial: Trial) -> list[Check]:
    """The trial by a new user's token; by None where there is no pool, or nobody can be made in it."""
    if POOL not in outputs:
        return trial(None)
    checks: list[Check] = []
    try:
        with visitor(outputs, client_of) as token:
            checks = trial(token)
    except (*FAULTS, CommandError) as fault:
        return [*(checks or trial(None)), _judged(fault, tried=bool(checks))]
    return checks


def _judged(fault: Exception, *, tried: bool) -> Check:
    name = "a user for the smoke test"
    if code_of(fault) == "AccessDeniedException":
        return Check(name, Verdict.UNKNOWN, said(fault), RIGHT)
    return Check(name, Verdict.WARN if tried else Verdict.FAIL, said(fault), LEFT)


@contextmanager
def visitor(outputs: Mapping[str, str], client_of: ClientOf) -> Iterator[str]:
    """A new user's access token, of an hour. Raises ClientError, BotoCoreError, and CommandError."""
    cognito, name, first = client_of("cognito-idp"), PREFIX + token_hex(8), new_password()
    cognito.admin_create_user(
        UserPoolId=outputs[POOL], Username=name, TemporaryPassword=first, MessageAction="SUPPRESS"
    )
    token = _sign_in(cognito, outputs[CLIENT], name, first)
    try:
        yield token
    finally:
        cognito.delete_user(AccessToken=token)


def _sign_in(cognito: Any, client_id: str, name: str, first: str) -> str:
    """As whom an administrator has made: the first password opens nothing but the choice of the next."""
    given = {"USERNAME": name, "PASSWORD": first}
    asked = cognito.initiate_auth(AuthFlow="USER_PASSWORD_AUTH", ClientId=client_id, AuthParameters=given)
    reply = cognito.respond_to_auth_challenge(
        ClientId=client_id,
        ChallengeName="NEW_PASSWORD_REQUIRED",
        Session=asked["Session"],
        ChallengeResponses={"USERNAME": name, "NEW_PASSWORD": new_password()},
    )
    if "AuthenticationResult" not in reply:
        raise CommandError(f"the pool asks for {reply.get('ChallengeName')}, which no program can answer")
    token: str = reply["AuthenticationResult"]["AccessToken"]
    return token
