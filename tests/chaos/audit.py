"""The audit of a run: pure, from evidence to verdict. Nothing here knows what the service's code does."""

from collections import Counter
from collections.abc import Iterator

from tests.chaos.audit_clients import check_sightings, check_told
from tests.chaos.audit_history import check_files_history, check_history
from tests.chaos.audit_state import check_state, standing
from tests.chaos.evidence import Evidence, last
from tests.chaos.findings import Finding, Kind, Verdict

GIVEN_UP = ("ATTEMPTS_EXHAUSTED", "DEADLINE_EXCEEDED")
FEW = 3
"""So many may be given up in a run of a few hundred files, and one of a hundred in a large one."""


def audit(evidence: Evidence) -> Verdict:
    """Compares what was accepted with what the table holds, what its stream tells and what clients saw."""
    files = _files(evidence)
    return Verdict.of(_jobs(evidence), files, [*_findings(evidence), *given_up(files)])


def given_up(files: Counter[str]) -> Iterator[Finding]:
    """Faults explain a few such failures: a service that prepares nothing must not pass."""
    count = sum(files[code] for code in GIVEN_UP)
    most = max(FEW, files["accepted"] // 100)
    if count > most:
        yield Finding(Kind.WRONG, "all", f"{count} files were given up, more than {most}", count)


def _findings(evidence: Evidence) -> Iterator[Finding]:
    known = set()
    for key, order in evidence.orders.items():
        answers = sorted(evidence.ledger.jobs_of(key))
        known.update(answers)
        if not answers:
            yield Finding(Kind.STUCK, key, "it was never accepted", len(order.file_ids))
        if len(answers) > 1:
            yield Finding(Kind.DOUBLE, key, f"one key made {len(answers)} jobs", len(order.file_ids))
        for job_id in answers:
            yield from check_state(job_id, order, evidence)
            yield from check_history(job_id, evidence)
            yield from check_files_history(job_id, evidence)
            yield from check_told(job_id, evidence)
    yield from check_sightings(evidence)
    for job_id in evidence.table.jobs.keys() - known:
        yield Finding(
            Kind.DOUBLE, job_id, "a job that no client was told of", len(evidence.table.files[job_id])
        )


def _jobs(evidence: Evidence) -> Counter[str]:
    accepted = {job_id for _, job_id in evidence.ledger.accepted}
    rows = [last(evidence.table.jobs[job_id]) for job_id in accepted]
    return Counter(row.status for row in rows if row) + Counter(accepted=len(accepted))


def _files(evidence: Evidence) -> Counter[str]:
    """Failures also by their codes.

    `skipped` are files without a result in a job that was cancelled or ended by its first failure.
    """
    count: Counter[str] = Counter()
    for key, job_id in set(evidence.ledger.accepted):
        job, results = last(evidence.table.jobs[job_id]), standing(job_id, evidence)
        total = len(evidence.orders[key].file_ids)
        ready = sum(row.code is None for row in results.values())
        count += Counter(row.code for row in results.values() if row.code)
        count += Counter(accepted=total, completed=ready, failed=len(results) - ready)
        if job and job.terminal and job.remaining:
            count["skipped"] += total - len(results)
    return count
