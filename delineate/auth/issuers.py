"""What every issuer can do for a sign-in that is kept, whichever kind it is."""

from delineate.auth import cognito, oidc
from delineate.auth.grant import Grant


def refresh(grant: Grant, now: float) -> Grant:
    """The next access token. Raises `SignInFailed` when there is none to be had, `Unreachable`."""
    return cognito.refresh(grant, now) if grant.issuer.mode == "cognito" else oidc.refresh(grant, now)


def revoke(grant: Grant) -> None:
    """End the refresh token where that can be done. Raises `SignInFailed`, `Unreachable`."""
    if grant.refresh_token is None:
        return None
    return cognito.revoke(grant) if grant.issuer.mode == "cognito" else oidc.revoke(grant)
