"""Every way to doctor the evidence, by what an audit must find."""

from dataclasses import replace

from tests.chaos.evidence import Evidence, FileRow
from tests.chaos.findings import Kind
from tests.chaos.ledger import Sighting
from tests.unit.chaos.honest import END, GONE, HALF, JOB, NEW, end_as, put_file


def lost_file(evidence: Evidence) -> None:
    del evidence.table.files[JOB][1]


def lost_job(evidence: Evidence) -> None:
    evidence.table.jobs[JOB] = []


def uncounted_result(evidence: Evidence) -> None:
    end_as(evidence, NEW, HALF, replace(END, completed=1))


def deleted_result(evidence: Evidence) -> None:
    evidence.stream.files[JOB][1] = [FileRow(None, 1), None, FileRow(None, 1)]


def counted_twice(evidence: Evidence) -> None:
    end_as(evidence, NEW, HALF, replace(END, completed=3))


def written_twice(evidence: Evidence) -> None:
    put_file(evidence, 1, FileRow(None, 1), FileRow(None, 1))


def ended_twice(evidence: Evidence) -> None:
    end_as(evidence, NEW, HALF, END, replace(END, version=4))


def two_jobs_of_one_key(evidence: Evidence) -> None:
    evidence.ledger.accepted.append(("key", "other"))


def orphan(evidence: Evidence) -> None:
    evidence.table.jobs["other"] = [END]


def retried_unasked(evidence: Evidence) -> None:
    again = replace(END, status="processing", failed=0, version=4, round=2)
    put_file(evidence, GONE, FileRow("NOT_FOUND", 1), FileRow("NOT_FOUND", 2))
    end_as(evidence, NEW, HALF, END, again, replace(END, version=5, round=2))


def stuck_job(evidence: Evidence) -> None:
    del evidence.table.files[JOB][2]
    del evidence.table.files[JOB][GONE]
    end_as(evidence, NEW, HALF)


def never_accepted(evidence: Evidence) -> None:
    evidence.ledger.accepted.clear()
    evidence.table.jobs.clear()


def blind_watcher(evidence: Evidence) -> None:
    evidence.ledger.watched[JOB] = None


def progress_back(evidence: Evidence) -> None:
    end_as(evidence, NEW, HALF, replace(HALF, completed=0, version=3), replace(END, version=4))


def version_jumped(evidence: Evidence) -> None:
    end_as(evidence, NEW, HALF, replace(END, version=6))


def untrue_on_the_way(evidence: Evidence) -> None:
    end_as(evidence, NEW, replace(END, version=4))
    evidence.ledger.sightings = [Sighting("watch", JOB, 3, "processing", 2, 2)]


def changed_within_a_version(evidence: Evidence) -> None:
    end_as(evidence, NEW, HALF, replace(HALF, completed=2), END)


def version_seen_back(evidence: Evidence) -> None:
    evidence.ledger.sightings += [
        Sighting("poll", JOB, 3, "completed", 2, 1),
        Sighting("poll", JOB, 2, "processing", 1, 0),
    ]


def untrue_sighting(evidence: Evidence) -> None:
    evidence.ledger.sightings.append(Sighting("watch", JOB, 3, "completed", 3, 0))


def missing_file_ready(evidence: Evidence) -> None:
    put_file(evidence, GONE, FileRow(None, 1))
    end_as(evidence, NEW, HALF, replace(END, completed=3, failed=0))


def present_file_failed(evidence: Evidence) -> None:
    put_file(evidence, 1, FileRow("NOT_FOUND", 1))
    end_as(evidence, NEW, HALF, replace(END, completed=1, failed=2))


def unexplained_failure(evidence: Evidence) -> None:
    evidence.harmed[1] = 1
    put_file(evidence, 1, FileRow("STORAGE_UNAVAILABLE", 1))
    end_as(evidence, NEW, HALF, replace(END, completed=1, failed=2))


def cancelled_unasked(evidence: Evidence) -> None:
    end_as(evidence, NEW, HALF, replace(END, status="cancelled"))


def cancel_forgotten(evidence: Evidence) -> None:
    evidence.ledger.cancelled.append(JOB)


def wrong_status(evidence: Evidence) -> None:
    end_as(evidence, NEW, HALF, replace(END, status="failed"))


def wrong_answer(evidence: Evidence) -> None:
    evidence.told[JOB] = replace(evidence.told[JOB], files={1: None})


def untold_history(evidence: Evidence) -> None:
    evidence.stream.jobs[JOB] = [NEW, HALF]


DOCTORED = {
    Kind.LOST: (lost_file, lost_job, uncounted_result, deleted_result),
    Kind.DOUBLE: (counted_twice, written_twice, ended_twice, two_jobs_of_one_key, orphan, retried_unasked),
    Kind.STUCK: (stuck_job, never_accepted, blind_watcher),
    Kind.WRONG: (
        progress_back, version_jumped, changed_within_a_version, version_seen_back, untrue_sighting,
        untrue_on_the_way, missing_file_ready, present_file_failed, unexplained_failure,
        cancelled_unasked, cancel_forgotten, wrong_status, wrong_answer, untold_history,
    ),
}  # fmt: skip
