"""The files of a job as a manifest lists them: each under a name of its own, with its link."""

from downloads.file import file_name
from downloads.manifests.entries import Entry
from downloads.model import Job
from downloads.names import safe_name, told_apart
from downloads.ports import Jobs, Objects
from downloads.usecases.read import Page


def entries(job: Job, page: Page, jobs: Jobs, objects: Objects) -> list[Entry]:
    """Names are told apart within the whole job, so that a file has the same in every manifest of it."""
    ids = jobs.file_ids(job.job_id)
    names = told_apart({each: safe_name(file_name(objects.key(each)), each) for each in ids})
    return [Entry(file_id, names[file_id], result) for file_id, result in page.files]
