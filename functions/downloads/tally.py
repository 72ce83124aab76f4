"""What adapters see happen becomes counts, and a line for each change of a job's status."""

from downloads import metrics
from downloads.aws.calls import TIMEOUT
from downloads.file import PreparedFile
from downloads.model import Job
from downloads.observed import Call, Step
from downloads.telemetry import about, know_job, logger, meter

CONNECTIONS_API = "apigatewaymanagementapi"
GONE, OK = 410, 200


def step(change: Step) -> None:
    """Counts the results, and the job when its status is another."""
    job = change.job
    for result in change.results:
        ready = isinstance(result, PreparedFile)
        meter().add(metrics.FILES, status="success" if ready else "failure")
        if isinstance(result, PreparedFile):
            meter().add(metrics.FILE_BYTES, result.stored.size)
    if job.status is not change.was:
        know_job(job)
        _came_into_status(job, change)


def _came_into_status(job: Job, change: Step) -> None:
    meter().add(metrics.JOBS, status=job.status.value)
    if job.completed_at and job.round == 1:
        seconds = (job.completed_at - job.created_at).total_seconds()
        meter().add(metrics.JOB_SECONDS_TAKEN, seconds, status=job.status.value)
    told = {
        "status": job.status.value,
        "was": change.was.value if change.was else None,
        "version": job.version,
        "round": job.round,
        "total": job.total,
        "completed": job.completed,
        "failed": job.failed,
    }
    logger().info("job", extra=about(job.job_id, **told))


def call(made: Call) -> None:
    """Counts what S3 and the connections answered, and writes that met another."""
    if made.contended:
        meter().add(metrics.CONFLICTS)
    if made.service == "s3":
        _asked_the_store(made)
    elif made.service == CONNECTIONS_API and made.operation == "PostToConnection":
        meter().add(metrics.FRAMES, outcome=_outcome(made))


def _asked_the_store(made: Call) -> None:
    status = str(made.status) if made.status else TIMEOUT if made.error == TIMEOUT else "error"
    meter().add(metrics.S3_CALLS, operation=made.operation, status=status)
    meter().add(metrics.S3_SECONDS, made.seconds, operation=made.operation)
    meter().add(metrics.S3_BYTES, made.moved_bytes, operation=made.operation)


def _outcome(made: Call) -> str:
    if made.status == GONE:
        return "gone"
    if made.error == TIMEOUT:
        return "slow"
    return "sent" if made.status == OK and not made.error else "failed"
