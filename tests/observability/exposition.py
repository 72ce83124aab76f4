"""The service's metrics as GET /metrics would show them, at two stages: one is well, one is in trouble."""

from collections.abc import Iterator

Labels = dict[str, str]
SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300]
JOB_SECONDS = [*SECONDS, 600, 1800, 3600]
BYTES = [256, 1024, 4096, 16384, 65536, 262144, 1048576]
CALL = {"method": "GET", "endpoint": "/v1/download/{jobId}"}
WORKER = {"function": "process_file"}
GUARDS = ("sweep_jobs", "close_connections")
QUEUES = (
    "dead_letters", "parked", "undelivered", "unbundled", "failures", "missed_sweeps", "missed_closings"
)  # fmt: skip

# Each series grows by the first number a scrape where all is well, by the second in trouble.
COUNTERS: dict[str, list[tuple[Labels, int, int]]] = {
    "download_jobs_total": [
        ({"status": "queued"}, 20, 20),
        ({"status": "processing"}, 20, 20),
        ({"status": "completed"}, 20, 10),
        ({"status": "failed"}, 1, 10),
        ({"status": "cancelled"}, 1, 0),
    ],
    "download_files_processed_total": [({"status": "success"}, 90, 0), ({"status": "failure"}, 2, 0)],
    "http_requests_total": [({**CALL, "status": "200"}, 90, 50), ({**CALL, "status": "503"}, 1, 50)],
    "s3_requests_total": [
        ({"operation": "HeadObject", "status": "200"}, 90, 50),
        ({"operation": "HeadObject", "status": "timeout"}, 1, 50),
    ],
    "download_file_bytes_total": [({}, 90_000, 0)],
    "websocket_connections_total": [({"event": "opened"}, 3, 3), ({"event": "closed"}, 3, 3)],
    "s3_bytes_transferred_total": [({"operation": "HeadObject"}, 5000, 5000)],
    "websocket_frames_total": [({"outcome": "sent"}, 50, 5), ({"outcome": "failed"}, 1, 5)],
    "webhook_deliveries_total": [({"outcome": "delivered"}, 9, 1), ({"outcome": "failed"}, 1, 9)],
    "download_transaction_conflicts_total": [({}, 1, 5)],
    "download_bundles_total": [({"outcome": "completed"}, 3, 0), ({"outcome": "failed"}, 0, 3)],
    "download_bundle_bytes_total": [({}, 90_000, 0)],
    "download_sweeper_repairs_total": [({"repair": "sent_again"}, 0, 50), ({"repair": "closed"}, 1, 1)],
    "lambda_cold_starts_total": [(WORKER, 1, 1)],
    "lambda_invocations_total": [
        ({**WORKER, "outcome": "ok"}, 90, 5),
        ({**WORKER, "outcome": "error"}, 1, 5),
        ({"function": "authorize_websocket", "outcome": "ok"}, 9, 0),
        ({"function": "authorize_websocket", "outcome": "error"}, 0, 9),
        *(({"function": name, "outcome": "ok"}, 1, 0) for name in GUARDS),
    ],
}
GAUGES: dict[str, list[tuple[Labels, float, float]]] = {
    "download_queue_size": [({"lane": "high"}, 0, 3), ({"lane": "normal"}, 200, 1200)],
    "download_queue_waiting": [({"lane": "high"}, 0, 3), ({"lane": "normal"}, 200, 1200)],
    "download_queue_oldest_age_seconds": [({"lane": "high"}, 0, 60), ({"lane": "normal"}, 30, 4000)],
    "download_bundle_queue_size": [({}, 1, 9)],
    "download_worker_active_count": [({}, 4, 0)],
    "download_worker_idle_count": [({}, 1, 5)],
    "download_dead_letters": [({"queue": queue}, 0, 2) for queue in QUEUES],
    "download_open_jobs": [({}, 7, 70)],
    "download_stream_iterator_age_seconds": [({}, 1, 90)],
    "websocket_connections": [({}, 12, 3)],
    "lambda_memory_used_bytes": [(WORKER, 1e8, 2.5e8)],
    "lambda_memory_limit_bytes": [(WORKER, 2.6e8, 2.6e8)],
    "lambda_concurrent_executions": [(WORKER, 4, 0)],
}
# name: labels, bounds of the buckets, and what each of ten observations a scrape is.
HISTOGRAMS: dict[str, tuple[Labels, list[float], float, float]] = {
    "download_jobs_duration_seconds": ({"status": "completed"}, JOB_SECONDS, 8, 900),
    "http_request_duration_seconds": (CALL, SECONDS, 0.04, 9),
    "http_request_size_bytes": ({}, BYTES, 300, 300),
    "http_response_size_bytes": ({}, BYTES, 3000, 3000),
    "s3_request_duration_seconds": ({"operation": "HeadObject"}, SECONDS, 0.03, 5),
    "lambda_init_duration_seconds": (WORKER, SECONDS, 0.4, 0.9),
    "lambda_duration_seconds": (WORKER, SECONDS, 0.2, 20),
}
NAMES = {*COUNTERS, *GAUGES, *HISTOGRAMS}


def metric_of(series: str) -> str:
    """The metric that a series belongs to: histograms have three series each."""
    for suffix in ("_bucket", "_sum", "_count"):
        if series.removesuffix(suffix) in HISTOGRAMS:
            return series.removesuffix(suffix)
    return series


def exposition(scrape: int, *, trouble: bool) -> str:
    """Prometheus' text format, at the so-manieth scrape."""
    return "\n".join([*_counters(scrape, trouble), *_gauges(trouble), *_histograms(scrape, trouble), ""])


def _counters(scrape: int, trouble: bool) -> Iterator[str]:
    for name, series in COUNTERS.items():
        yield f"# TYPE {name} counter"
        for labels, well, sick in series:
            yield _line(name, labels, scrape * (sick if trouble else well))


def _gauges(trouble: bool) -> Iterator[str]:
    for name, series in GAUGES.items():
        yield f"# TYPE {name} gauge"
        for labels, well, sick in series:
            yield _line(name, labels, sick if trouble else well)


def _histograms(scrape: int, trouble: bool) -> Iterator[str]:
    for name, (labels, bounds, well, sick) in HISTOGRAMS.items():
        yield f"# TYPE {name} histogram"
        each, count = (sick if trouble else well), 10 * scrape
        for bound in bounds:
            yield _line(f"{name}_bucket", {**labels, "le": str(bound)}, count if each <= bound else 0)
        yield _line(f"{name}_bucket", {**labels, "le": "+Inf"}, count)
        yield _line(f"{name}_sum", labels, count * each)
        yield _line(f"{name}_count", labels, count)


def _line(name: str, labels: Labels, value: float) -> str:
    inside = ",".join(f'{key}="{text}"' for key, text in labels.items())
    return f"{name}{{{inside}}} {value}"
