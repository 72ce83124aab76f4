"""What became of every accepted file: the rules of the chaos suite's audit, on the table and its stream."""

from collections.abc import Iterator, Sequence

from tests.bench.end_to_end.measured import Audit, Started
from tests.chaos.audit_history import check_files_history, check_history
from tests.chaos.audit_state import check_state, standing
from tests.chaos.evidence import Evidence, Rows
from tests.chaos.findings import Finding, Kind
from tests.chaos.orders import Order


def judge(started: Sequence[Started], table: Rows, stream: Rows, there: frozenset[int]) -> Audit:
    """`there` are the ids that the bucket has. A job that has not ended lost what it has no result for."""
    orders = {job.job_id: Order(job.job_id, job.file_ids) for job in started}
    evidence = Evidence(orders, there, table=table, stream=stream)
    found = [finding for job_id in orders for finding in _findings(job_id, evidence)]
    return Audit(
        accepted=sum(len(job.file_ids) for job in started),
        completed=sum(row.code is None for job_id in orders for row in standing(job_id, evidence).values()),
        lost=_files(found, Kind.LOST, Kind.STUCK),
        double=_files(found, Kind.DOUBLE),
        wrong=tuple(str(finding) for finding in found),
    )


def _findings(job_id: str, evidence: Evidence) -> Iterator[Finding]:
    yield from check_state(job_id, evidence.orders[job_id], evidence)
    yield from check_history(job_id, evidence)
    yield from check_files_history(job_id, evidence)


def _files(found: Sequence[Finding], *kinds: Kind) -> int:
    """A finding about a job as such counts as one file."""
    return sum(max(1, finding.files) for finding in found if finding.kind in kinds)
