"""The state of jobs in DynamoDB, one item a thing: the job, its ids, its tallies, each result."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from downloads.aws import items
from downloads.aws.agenda import Agenda
from downloads.aws.claims import Claims, claiming
from downloads.aws.counting import new_item
from downloads.aws.faults import translated
from downloads.aws.ids import FileIds, ids_item
from downloads.aws.job_items import job_item, job_of
from downloads.aws.listing import Listing
from downloads.aws.settling import Settling
from downloads.aws.standings import Standings
from downloads.aws.waits import Waits
from downloads.claim import Claim
from downloads.errors import DependencyDownError, StateUnreadableError
from downloads.file import FileResult, results_among
from downloads.model import Job
from downloads.observed import Step, Tell, nobody

BOTO_ERRORS = (BotoCoreError, ClientError)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def utc_now() -> datetime:
    return datetime.now(UTC)


class DynamoJobs:
    """The Jobs port on one table; recording.py has that of those who record results too."""

    def __init__(
        self,
        client: "DynamoDBClient",
        table: str,
        clock: Callable[[], datetime] = utc_now,
        tell: Tell = nobody,
    ) -> None:
        self._client = client
        self._table = table
        self._clock = clock
        self._tell = tell
        settling = Settling(client, table, self._alive, clock, tell)
        self.get, self.settle = translated(settling.get), translated(settling.settle)
        self.swap, self.begin = translated(settling.swap), translated(settling.begin)
        self.cancel = translated(settling.cancel)
        self.standings = translated(Standings(client, table).of)
        agenda = Agenda(client, table)
        self.open_jobs = translated(agenda.open_jobs)
        self.due, self.put_off = translated(agenda.due), translated(agenda.put_off)
        self.drop, self.notified = translated(agenda.drop), translated(agenda.notified)
        waits = Waits(client, table, self.get, self.settle)
        self.wait, self.told = translated(waits.wait), translated(waits.told)
        self.waiting_for = translated(waits.waiting_for)
        self._files = translated(FileIds(client, table).of)
        self.listed = translated(Listing(client, table, self._alive).of)
        claims = Claims(client, table)
        self.claimed, self._refused_claim = translated(claims.standing), claims.refused

    @translated
    def create(
        self,
        job: Job,
        file_ids: Sequence[int],
        claim: Claim | None = None,
        withheld: Collection[int] = (),
    ) -> None:
        ids = ids_item(job.job_id, file_ids, withheld, job.expires_at)
        puts: list[Any] = [
            {"Put": new_item(self._table, job_item(job))},
            {"Put": new_item(self._table, ids)},
        ]
        if claim:
            puts.append({"Put": claiming(self._table, claim, job.created_at)})
        try:
            self._client.transact_write_items(TransactItems=puts)
        except self._client.exceptions.TransactionCanceledException as error:
            if not claim:
                raise
            raise self._refused_claim(claim, job.created_at, error) from error
        self._tell(Step(job, None))

    def owned(self, job_id: str, owner: str) -> Job | None:
        job = self.get(job_id)
        return job if job and job.owner == owner else None

    def file_ids(self, job_id: str) -> tuple[int, ...]:
        return self._files(job_id).all

    def withheld(self, job_id: str) -> frozenset[int]:
        return self._files(job_id).withheld

    def results(self, job: Job, first: int, last: int) -> Mapping[int, FileResult]:
        return results_among(self.standings(job, first, last))

    def ping(self) -> None:
        """Reads a key that no job has. Raises DependencyDownError."""
        try:
            self._client.get_item(TableName=self._table, Key=items.job_key("health"))
        except BOTO_ERRORS as error:
            raise DependencyDownError from error

    def _alive(self, item: Mapping[str, Any] | None) -> Job | None:
        # TTL deletes within days: until then a reader treats an expired item as gone.
        try:
            job = job_of(item) if item else None
        except (LookupError, TypeError, ValueError, OverflowError) as error:
            raise StateUnreadableError(str(item and item.get("PK"))) from error
        return job if job and job.expires_at > self._clock() else None
