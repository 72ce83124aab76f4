"""What settings are made of that say who may call, and how much."""

from typing import TYPE_CHECKING, Annotated, Literal

from msgspec import Meta

from downloads.setting_parts import Positive, Settings

if TYPE_CHECKING:
    from downloads.allowance import Rate
    from downloads.entitlements import Entitlements


class AuthSettings(Settings):
    """Whether callers sign in."""

    auth_mode: Literal["jwt", "none"]

    @property
    def anonymous(self) -> bool:
        """Whether the stage asks for no sign-in."""
        return self.auth_mode == "none"


class AccountSettings(AuthSettings):
    """Who may call, and how much: an account is a user, or an address where ``auth_mode`` is none."""

    rate_limit_per_minute: Annotated[int, Meta(gt=0, le=60_000)]
    rate_limit_burst: Positive
    max_open_jobs: Annotated[int, Meta(gt=0, le=100)]

    @property
    def rate(self) -> "Rate":
        from downloads.allowance import Rate

        return Rate(self.rate_limit_per_minute, self.rate_limit_burst)


class EntitlementSettings(Settings):
    """Which files a caller may have: all, or those that a claim of the token lists."""

    files_claim: str | None = None

    @property
    def entitlements(self) -> "Entitlements":
        from downloads.entitlements import ClaimedRanges, Everything

        return ClaimedRanges(self.files_claim) if self.files_claim else Everything()


class TokenSettings(AuthSettings):
    """Whose tokens are taken, for which audiences, and from which origins browsers may connect.

    Lists are separated by commas. Without ``jwks_url``, the issuer's discovery document says it.
    """

    token_issuer: str = ""
    token_audiences: str = ""
    jwks_url: str | None = None
    cors_origins: str = ""

    def __post_init__(self) -> None:
        if self.auth_mode == "jwt" and not (self.token_issuer and self.audiences):
            raise ValueError("AUTH_MODE=jwt needs TOKEN_ISSUER and TOKEN_AUDIENCES")

    @property
    def audiences(self) -> tuple[str, ...]:
        return _listed(self.token_audiences)

    @property
    def origins(self) -> tuple[str, ...]:
        return _listed(self.cors_origins)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
