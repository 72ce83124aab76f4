"""What settings are made of."""

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from downloads.allowance import Rate
from downloads.callback import Guard
from downloads.entitlements import ClaimedRanges, Entitlements, Everything
from downloads.estimate import Delay, Pace
from downloads.file import Priority
from downloads.limits import Limits, Schedule

Positive = Annotated[int, Field(gt=0)]


class Settings(BaseModel):
    """What every function reads. A missing or wrong value raises pydantic's ValidationError when loaded."""

    # An error that quotes its input would quote the environment, with the keys that are in it.
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)
    stage: str
    table_name: str


class AccountSettings(Settings):
    """Who may call, and how much: an account is a user, or an address where ``auth_mode`` is none."""

    auth_mode: Literal["jwt", "none"]
    rate_limit_per_minute: Annotated[int, Field(gt=0, le=60_000)]
    rate_limit_burst: Positive
    max_open_jobs: Annotated[int, Field(gt=0, le=100)]

    @property
    def rate(self) -> Rate:
        return Rate(self.rate_limit_per_minute, self.rate_limit_burst)


class EntitlementSettings(Settings):
    """Which files a caller may have: all, or those that a claim of the token lists."""

    files_claim: str | None = None

    @property
    def entitlements(self) -> Entitlements:
        return ClaimedRanges(self.files_claim) if self.files_claim else Everything()


class LaneSettings(Settings):
    high_queue_url: str
    normal_queue_url: str

    @property
    def lanes(self) -> dict[Priority, str]:
        return {Priority.HIGH: self.high_queue_url, Priority.NORMAL: self.normal_queue_url}


class PaceSettings(Settings):
    """How many batches run at once, and the simulated preparation time (at most 15 minutes, in ms)."""

    max_concurrency: Positive
    download_delay_enabled: bool = False
    download_delay_min_ms: Annotated[int, Field(ge=0, le=900_000)] = 10_000
    download_delay_max_ms: Annotated[int, Field(ge=0, le=900_000)] = 120_000

    @model_validator(mode="after")
    def bounds_in_order(self) -> Self:
        if self.download_delay_min_ms > self.download_delay_max_ms:
            raise ValueError("DOWNLOAD_DELAY_MIN_MS is greater than DOWNLOAD_DELAY_MAX_MS")
        return self

    @property
    def delay(self) -> Delay:
        if not self.download_delay_enabled:
            return Delay()
        return Delay(self.download_delay_min_ms, self.download_delay_max_ms)

    @property
    def pace(self) -> Pace:
        return Pace(self.max_concurrency, self.delay)


class LimitSettings(Settings):
    min_file_id: int
    max_file_id: int
    max_files_per_job: Positive

    @property
    def limits(self) -> Limits:
        return Limits(self.min_file_id, self.max_file_id, self.max_files_per_job)


class ObjectSettings(Settings):
    """The bucket, and where it is when it is not plain S3. Presigned URLs live 1 s to an hour."""

    bucket_name: str
    key_template: Annotated[str, Field(pattern=r"\{file_id\}")]
    url_ttl_seconds: Annotated[int, Field(gt=0, le=3_600)]
    s3_endpoint_url: str | None = None
    s3_path_style: bool = False
    s3_access_key_id: str | None = None
    s3_secret_access_key: str | None = None

    @property
    def url_ttl(self) -> timedelta:
        return timedelta(seconds=self.url_ttl_seconds)


class ScheduleSettings(PaceSettings):
    """How long a job is kept, may take, and may show no progress before the sweeper sends it again."""

    job_ttl_seconds: Positive
    job_deadline_seconds: Positive
    sweep_grace_seconds: Positive

    @property
    def schedule(self) -> Schedule:
        longest_delay = timedelta(milliseconds=self.delay.max_ms)
        return Schedule(
            ttl=timedelta(seconds=self.job_ttl_seconds),
            deadline=timedelta(seconds=self.job_deadline_seconds),
            grace=timedelta(seconds=self.sweep_grace_seconds) + longest_delay,
        )


class GuardSettings(Settings):
    """What a callback URL may be; both exceptions are for a laptop."""

    webhook_allow_http: bool = False
    webhook_allow_private: bool = False

    @property
    def guard(self) -> Guard:
        return Guard(self.webhook_allow_http, self.webhook_allow_private)


class NoticeSettings(Settings):
    webhook_queue_url: str


class TokenSettings(Settings):
    """Whose tokens are taken, for which audiences, and from which origins browsers may connect.

    Lists are separated by commas. Without ``jwks_url``, the issuer's discovery document says it.
    """

    auth_mode: Literal["jwt", "none"]
    token_issuer: str = ""
    token_audiences: str = ""
    jwks_url: str | None = None
    cors_origins: str = ""

    @model_validator(mode="after")
    def tokens_have_an_issuer(self) -> Self:
        if self.auth_mode == "jwt" and not (self.token_issuer and self.audiences):
            raise ValueError("AUTH_MODE=jwt needs TOKEN_ISSUER and TOKEN_AUDIENCES")
        return self

    @property
    def anonymous(self) -> bool:
        """Whether the stage asks for no sign-in."""
        return self.auth_mode == "none"

    @property
    def audiences(self) -> tuple[str, ...]:
        return _listed(self.token_audiences)

    @property
    def origins(self) -> tuple[str, ...]:
        return _listed(self.cors_origins)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
