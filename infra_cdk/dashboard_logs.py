"""The dashboard's tables from the functions' logs, by Logs Insights: jobs, files, errors, users, requests."""

from collections.abc import Sequence

from infra_cdk.panels import Row, table

SLOWEST_JOBS = (
    'filter message = "job"',
    "stats min(@timestamp) as began, max(@timestamp) as changed, (changed - began) / 1000 as seconds,"
    " latest(status) as state, max(total) as files, max(failed) as filesFailed by jobId",
    "sort seconds desc",
    "limit 20",
)

FAILED_FILES = (
    'filter message = "file" and outcome in ["failed", "given_up"]',
    # A message may be delivered twice, and is logged twice then.
    'fields concat(jobId, "/", fileId) as one',
    "stats count_distinct(one) as files, count_distinct(jobId) as jobs, latest(jobId) as example by code",
    "sort files desc",
    "limit 20",
)

RETRIED_FILES = (
    'filter message = "file" and outcome = "again"',
    "stats count(*) as retries, max(attempt) as most, count_distinct(jobId) as jobs by code",
    "sort retries desc",
    "limit 20",
)

ERRORS = (
    'filter level in ["ERROR", "CRITICAL"] or message = "fault"',
    "stats count(*) as lines, latest(@timestamp) as newest, latest(message) as example"
    " by function, exception_name",
    "sort lines desc",
    "limit 20",
)

FAILED_JOBS_BY_USER = (
    'filter message = "job" and status = "failed"',
    "stats count(*) as jobs, latest(jobId) as example by userId",
    "sort jobs desc",
    "limit 20",
)

SLOW_REQUESTS = (
    'filter message = "request"',
    "stats pct(durationMs, 99) as p99, max(durationMs) as slowest, count(*) as requests"
    " by method, endpoint, status",
    "sort p99 desc",
    "limit 20",
)


def rows(log_groups: Sequence[str]) -> list[Row]:
    """Six tables over the log groups of all functions."""
    tables = {
        "Slowest jobs": SLOWEST_JOBS,
        "Failed files by code": FAILED_FILES,
        "Errors by function": ERRORS,
        "Failed jobs by user (first 16 hex of the owner's sha256)": FAILED_JOBS_BY_USER,
        "Files tried again, by code": RETRIED_FILES,
        "Slow requests": SLOW_REQUESTS,
    }
    widgets = [table(title, log_groups, query) for title, query in tables.items()]
    return [list(widgets[at : at + 2]) for at in range(0, len(widgets), 2)]
