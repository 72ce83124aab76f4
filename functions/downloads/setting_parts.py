"""What settings are made of."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar, get_type_hints

from msgspec import NODEFAULT, Meta, Struct, defstruct

from downloads.cold import RestoreRule, Tier
from downloads.file import Priority
from downloads.reading import read_texts

if TYPE_CHECKING:
    from downloads.callback import Guard
    from downloads.estimate import Delay, Pace
    from downloads.limits import Limits, Schedule

Positive = Annotated[int, Meta(gt=0)]
Milliseconds = Annotated[int, Meta(ge=0, le=900_000)]
KeyTemplate = Annotated[str, Meta(pattern=r"\{file_id\}")]


class StageSettings:
    """What all settings have: fields, what bounds them, and what they come to. ``read`` makes them."""

    stage: str

    @property
    def in_production(self) -> bool:
        return self.stage == "prod"


class Settings(StageSettings):
    """What every function works with."""

    table_name: str


AnySettings = TypeVar("AnySettings", bound=StageSettings)


def read(model: type[AnySettings], values: Mapping[str, str]) -> AnySettings:
    """Settings from the texts of an environment, by lower-case names.

    What is missing or wrong raises msgspec's ValidationError, which names the setting and quotes no value:
    among them are keys.
    """
    struct: type[AnySettings] = _struct(model)  # type: ignore[arg-type] # a class is hashable
    return read_texts(values, struct)


def names(model: type[StageSettings]) -> set[str]:
    """Of all settings that the model reads."""
    return set(get_type_hints(model))


@cache
def _struct(model: Any) -> Any:
    """Made when first read: structs with fields cannot be mixed, and few of the models are ever needed."""
    kinds = get_type_hints(model, include_extras=True)
    fields = [(name, kind, getattr(model, name, NODEFAULT)) for name, kind in kinds.items()]
    return defstruct(model.__name__, fields, bases=(model, Struct), frozen=True, kw_only=True)


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
    download_delay_min_ms: Milliseconds = 10_000
    download_delay_max_ms: Milliseconds = 120_000

    def __post_init__(self) -> None:
        if self.download_delay_min_ms > self.download_delay_max_ms:
            raise ValueError("DOWNLOAD_DELAY_MIN_MS is greater than DOWNLOAD_DELAY_MAX_MS")

    @property
    def delay(self) -> "Delay":
        from downloads.estimate import Delay

        if not self.download_delay_enabled:
            return Delay()
        return Delay(self.download_delay_min_ms, self.download_delay_max_ms)

    @property
    def pace(self) -> "Pace":
        from downloads.estimate import Pace

        return Pace(self.max_concurrency, self.delay)


class LimitSettings(Settings):
    min_file_id: int
    max_file_id: int
    max_files_per_job: Positive

    @property
    def limits(self) -> "Limits":
        from downloads.limits import Limits

        return Limits(self.min_file_id, self.max_file_id, self.max_files_per_job)


class ObjectSettings(Settings):
    """The bucket, and how to call a store that is not plain S3; presigned URLs live 1 s to an hour.

    Where the store is, the SDK reads itself: AWS_ENDPOINT_URL_S3 (AWS SDKs and Tools Reference Guide).
    ``s3_public_endpoint_url`` is where those see it who hold a link, if they see it elsewhere.
    """

    bucket_name: str
    key_template: KeyTemplate
    url_ttl_seconds: Annotated[int, Meta(gt=0, le=3_600)]
    s3_public_endpoint_url: str | None = None
    s3_region: str | None = None
    s3_path_style: bool = False
    s3_access_key_id: str | None = None
    s3_secret_access_key: str | None = None

    @property
    def url_ttl(self) -> timedelta:
        return timedelta(seconds=self.url_ttl_seconds)


class ScheduleSettings(PaceSettings):
    """How long a job and its results are kept, and it may take, and show no progress until it is swept."""

    file_ttl_seconds: Positive
    job_ttl_seconds: Positive
    job_deadline_seconds: Positive
    sweep_grace_seconds: Positive

    @property
    def schedule(self) -> "Schedule":
        from downloads.limits import Schedule

        longest_delay = timedelta(milliseconds=self.delay.max_ms)
        return Schedule(
            ttl=timedelta(seconds=self.job_ttl_seconds),
            deadline=timedelta(seconds=self.job_deadline_seconds),
            grace=timedelta(seconds=self.sweep_grace_seconds) + longest_delay,
        )


class RestoreSettings(Settings):
    """What is done about an archived file (``restore_tier``: a tier by S3's name, or none), and until when.

    ``restore_days`` is how long S3 keeps a restored copy; ``file_ttl_seconds`` how long
    results are; the others are those of the schedule.
    """

    restore_tier: Literal["Expedited", "Standard", "Bulk", "none"] = "none"
    restore_days: Positive = 3
    job_ttl_seconds: Positive
    job_deadline_seconds: Positive
    file_ttl_seconds: Positive

    @property
    def restores(self) -> RestoreRule:
        return RestoreRule(
            tier=None if self.restore_tier == "none" else Tier(self.restore_tier),
            keep=timedelta(days=self.restore_days),
            ttl=timedelta(seconds=self.job_ttl_seconds),
            deadline=timedelta(seconds=self.job_deadline_seconds),
            results=timedelta(seconds=self.file_ttl_seconds),
        )


class GuardSettings(Settings):
    """What a callback URL may be; both exceptions are for a laptop."""

    webhook_allow_http: bool = False
    webhook_allow_private: bool = False

    @property
    def guard(self) -> "Guard":
        from downloads.callback import Guard

        return Guard(self.webhook_allow_http, self.webhook_allow_private)


class NoticeSettings(Settings):
    webhook_queue_url: str


class BundleSettings(Settings):
    bundle_queue_url: str
