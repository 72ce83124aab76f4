"""The auditor of `make chaos` on doctored evidence: it must see each way to break the promise."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.chaos.audit import FEW, GIVEN_UP, audit, given_up
from tests.chaos.evidence import Evidence
from tests.chaos.findings import Kind
from tests.chaos.ledger import Sighting, Told
from tests.unit.chaos import doctored
from tests.unit.chaos.honest import END, GONE, JOB, NEW, end_as, end_as_cancelled, honest

CASES = [(kind, doctor) for kind, doctors in doctored.DOCTORED.items() for doctor in doctors]


def test_honest_evidence_is_good() -> None:
    verdict = audit(honest())
    assert verdict.findings == ()
    assert +verdict.jobs == {"accepted": 1, "completed": 1}
    assert +verdict.files == {"accepted": 3, "completed": 2, "failed": 1, "NOT_FOUND": 1}


@pytest.mark.parametrize(("kind", "doctor"), CASES, ids=lambda given: getattr(given, "__name__", str(given)))
def test_doctored_evidence_is_seen(kind: Kind, doctor: Callable[[Evidence], None]) -> None:
    evidence = honest()
    doctor(evidence)
    verdict = audit(evidence)
    assert not verdict.good
    assert kind in {finding.kind for finding in verdict.findings}
    assert verdict.jobs[kind] == 1


@pytest.mark.parametrize(
    ("kind", "doctor", "files"),
    [
        (Kind.LOST, doctored.lost_file, 1),
        (Kind.DOUBLE, doctored.counted_twice, 1),
        (Kind.STUCK, doctored.stuck_job, 2),
    ],
)
def test_files_are_counted(kind: Kind, doctor: Callable[[Evidence], None], files: int) -> None:
    evidence = honest()
    doctor(evidence)
    assert audit(evidence).files[kind] == files


def test_a_store_that_failed_twice_explains_a_failure() -> None:
    evidence = honest()
    doctored.unexplained_failure(evidence)
    evidence.told[JOB] = Told("completed", 1, 2, {1: "STORAGE_UNAVAILABLE", 2: None, GONE: "NOT_FOUND"})
    evidence.harmed[1] = 2
    assert audit(evidence).good


def test_what_was_counted_before_it_was_written_down_may_be_seen() -> None:
    evidence = honest()
    end_as(evidence, NEW, replace(END, version=4))
    evidence.ledger.sightings = [Sighting("poll", JOB, 3, "processing", 1, 1)]
    assert audit(evidence).good


def test_a_retry_that_was_asked_for_is_no_fault() -> None:
    evidence = honest()
    doctored.retried_unasked(evidence)
    evidence.ledger.asked_to_retry.append(JOB)
    assert audit(evidence).good


def test_a_cancelled_job_leaves_files_out() -> None:
    evidence = honest()
    doctored.stuck_job(evidence)
    end_as_cancelled(evidence)
    evidence.ledger.asked_to_cancel.append(JOB)
    verdict = audit(evidence)
    assert verdict.good
    assert verdict.files["skipped"] == 2


@pytest.mark.parametrize("code", GIVEN_UP)
def test_faults_explain_few_files_that_were_given_up_and_no_more(code: str) -> None:
    for accepted, most in ((12, FEW), (10_000, 100)):
        assert list(given_up(Counter({"accepted": accepted, code: most}))) == []
        (finding,) = given_up(Counter({"accepted": accepted, code: most + 1}))
        assert (finding.kind, finding.files) == (Kind.WRONG, most + 1)
