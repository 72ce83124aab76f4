"""Schedule: every minute, finds jobs that got stuck and finishes them."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from downloads import metrics, wiring
from downloads.errors import NoticeUnsentError
from downloads.run import run
from downloads.settings import SweepSettings
from downloads.telemetry import about, know_job, logger, meter, report
from downloads.time_left import time_left
from downloads.usecases.sweep import Broom, Repair, sweep


@run
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """Answers with how many jobs were treated in which way.

    Raises NoticeUnsentError, which rings, once all are looked at, when the queue of notices took none.
    """
    config = wiring.settings(SweepSettings)
    jobs = wiring.recording_jobs(config, config.file_ttl_seconds)
    queue, notices = wiring.queue(config, report), wiring.notices(config)
    broom = Broom(
        jobs,
        queue,
        notices,
        wiring.bundles(config),
        config.schedule.grace,
        report,
        know_job,
        config.recheck,
    )
    enough = time_left(context)
    done = sweep(broom, datetime.now(UTC), enough)
    if not enough():
        logger().error("more is due than a run can look at", extra={"jobs": len(done)})
    for job_id, repair in done.items():
        if repair in metrics.REPAIRS.labels["repair"]:
            meter().add(metrics.REPAIRS, repair=repair.value)
        logger().info("looked at", extra=about(job_id, repair=repair))
    if unsent := [job_id for job_id, repair in done.items() if repair is Repair.UNSENT]:
        raise NoticeUnsentError(f"{len(unsent)} notices stay due, first of {unsent[0]}")
    return dict(Counter(done.values()))
