"""The service's metrics: their names, labels, and the values that labels take. Standard library only.

Named as Prometheus asks ("Metric and label naming"): seconds and bytes, counters end in ``_total``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from downloads.cold import Asked, Tier
from downloads.model import JobStatus

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)
JOB_SECONDS = (*SECONDS, 600, 1_800, 3_600)
BYTES = (256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576)
Values = Mapping[str, Sequence[str]]
NO_LABELS: Values = {}


@dataclass(frozen=True, slots=True, eq=False)
class Metric:
    """A counter; with ``bounds`` a histogram, or a ``gauge``.

    ``labels`` maps each label to the values that it is known to take: those are shown as 0 from the start,
    because a rate sees nothing of a series that begins at 1. An empty list leaves the values to what happens.
    ``in_cloudwatch`` is false where CloudWatch has the same of its own: each series there costs by the month.
    """

    name: str
    help: str
    labels: Values = field(default_factory=dict)
    bounds: Sequence[float] = ()
    gauge: bool = False
    in_cloudwatch: bool = True

    @property
    def unit(self) -> str:
        """The unit by CloudWatch's name for it."""
        if self.name.endswith("_seconds"):
            return "Seconds"
        return "Bytes" if "_bytes" in self.name else "Count"

    def foreseen(self) -> list[dict[str, str]]:
        """Every set of labels that is known beforehand."""
        return [dict(zip(self.labels, values, strict=True)) for values in product(*self.labels.values())]


ENDED = [status.value for status in JobStatus if status.terminal]
REQUEST: Values = {"method": [], "endpoint": []}
FUNCTION: Values = {"function": []}

JOBS = Metric(
    "download_jobs_total",
    "Jobs that came into a status: one step a change, whatever is delivered twice.",
    {"status": [status.value for status in JobStatus]},
)
JOB_SECONDS_TAKEN = Metric(
    "download_jobs_duration_seconds",
    "From acceptance to end, of jobs in their first round.",
    {"status": ENDED},
    JOB_SECONDS,
)
FILES = Metric(
    "download_files_processed_total",
    "Files that got a result; a retried job counts its files again.",
    {"status": ["success", "failure"]},
)
FILE_BYTES = Metric("download_file_bytes_total", "Sizes of the files that became ready.")
REQUESTS = Metric("http_requests_total", "Answers, by route template.", {**REQUEST, "status": []})
REQUEST_SECONDS = Metric("http_request_duration_seconds", "Time in the function.", REQUEST, SECONDS)
REQUEST_BYTES = Metric("http_request_size_bytes", "Bytes of the body that was sent.", NO_LABELS, BYTES)
RESPONSE_BYTES = Metric("http_response_size_bytes", "Bytes of the body answered with.", NO_LABELS, BYTES)
S3_CALLS = Metric(
    "s3_requests_total",
    "Calls to the store, by the status answered, or timeout or error.",
    {"operation": ["HeadObject"], "status": ["200", "403", "404", "503", "timeout", "error"]},
)
S3_SECONDS = Metric(
    "s3_request_duration_seconds", "Retries included.", {"operation": ["HeadObject"]}, SECONDS
)
S3_BYTES = Metric(
    "s3_bytes_transferred_total",
    "Bytes of bodies that the functions moved; what clients fetch by presigned URL, S3 alone knows.",
    {"operation": ["HeadObject"]},
)
FRAMES = Metric(
    "websocket_frames_total",
    "Frames to connections: gone is a 410, slow a time-out.",
    {"outcome": ["sent", "gone", "slow", "failed"]},
)
CONNECTIONS = Metric(
    "websocket_connections_total",
    "Connections that were opened and closed; API Gateway does not promise to tell of each end.",
    {"event": ["opened", "closed"]},
)
DELIVERIES = Metric(
    "webhook_deliveries_total",
    "Attempts to deliver a notice.",
    {"outcome": ["delivered", "failed", "stopped", "exhausted"]},
)
CONFLICTS = Metric("download_transaction_conflicts_total", "Writes refused because another came first.")
REPAIRS = Metric(
    "download_sweeper_repairs_total",
    "What the sweeper did for jobs that it looked at.",
    {
        "repair": [
            "sent_again",
            "rechecked",
            "deadline",
            "closed",
            "notified",
            "unsent",
            "broken",
            "bundle_asked",
        ]
    },
)
RESTORES = Metric(
    "download_restores_total",
    "Requests to restore: begun, under way already, or a copy that is kept for longer.",
    {"tier": [tier.value for tier in Tier], "outcome": [asked.value for asked in Asked]},
)
RESTORED = Metric("download_restores_completed_total", "Ends of restores that S3 told of.")
BUNDLES = Metric(
    "download_bundles_total",
    "Messages about bundles, by what became of them; completed and failed are ends of bundles.",
    {"outcome": ["completed", "failed", "continued", "cleared", "busy", "nothing", "again"]},
)
BUNDLE_BYTES = Metric("download_bundle_bytes_total", "Bytes of archives that were written.")
COLD_STARTS = Metric("lambda_cold_starts_total", "Runs that had to load first.", FUNCTION)
RUNS = Metric(
    "lambda_invocations_total",
    "Runs that came to an end.",
    {**FUNCTION, "outcome": []},
    in_cloudwatch=False,
)
INIT_SECONDS = Metric("lambda_init_duration_seconds", "Loading the service's own code.", FUNCTION, SECONDS)
RUN_SECONDS = Metric(
    "lambda_duration_seconds", "A run, telemetry apart.", FUNCTION, SECONDS, in_cloudwatch=False
)
MEMORY_USED = Metric("lambda_memory_used_bytes", "Most that the last process held.", FUNCTION, gauge=True)
MEMORY_LIMIT = Metric(
    "lambda_memory_limit_bytes", "What the function may hold.", FUNCTION, gauge=True, in_cloudwatch=False
)
STREAM_AGE = Metric(
    "download_stream_iterator_age_seconds",
    "Age of the oldest change in the batch that watchers were told last.",
    gauge=True,
)
RECEIVED_AT = Metric(
    "download_lane_received_seconds",
    "When the newest message that was taken from a lane had been sent, since 1970.",
    {"lane": []},
    gauge=True,
    in_cloudwatch=False,
)
EMPTY_AT = Metric(
    "download_lane_empty_seconds",
    "When a scrape saw the lane empty, since 1970.",
    {"lane": []},
    gauge=True,
    in_cloudwatch=False,
)

COUNTED = (
    JOBS,
    JOB_SECONDS_TAKEN,
    FILES,
    FILE_BYTES,
    REQUESTS,
    REQUEST_SECONDS,
    REQUEST_BYTES,
    RESPONSE_BYTES,
    S3_CALLS,
    S3_SECONDS,
    S3_BYTES,
    FRAMES,
    CONNECTIONS,
    DELIVERIES,
    CONFLICTS,
    REPAIRS,
    RESTORES,
    RESTORED,
    BUNDLES,
    BUNDLE_BYTES,
    COLD_STARTS,
    RUNS,
    INIT_SECONDS,
    RUN_SECONDS,
    MEMORY_USED,
    MEMORY_LIMIT,
    STREAM_AGE,
    RECEIVED_AT,
    EMPTY_AT,
)
# What is kept to tell something else by.
UNSHOWN = {RECEIVED_AT, EMPTY_AT}
FUNCTIONS = (
    "authorize_websocket",
    "bundle_files",
    "bury_file",
    "close_connections",
    "deliver_webhook",
    "export_history",
    "expose_metrics",
    "finish_restores",
    "forget_user",
    "initiate_job",
    "jobs_api",
    "process_file",
    "publish_progress",
    "redrive_files",
    "stream_progress",
    "sweep_jobs",
    "websocket",
)
NAMED = {metric.name: metric for metric in COUNTED}
