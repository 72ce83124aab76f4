"""How far bundles are, one item a job: small, whole at each write, fenced by a lease."""

import struct
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from downloads.aws import items
from downloads.aws.faults import translated
from downloads.bundle import Sizes
from downloads.bundle_ports import Archive, Checkpoint
from downloads.bundling.stream import Position
from downloads.errors import LeaseLostError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# From a run's last checkpoint on. A part takes seconds; a store that hangs, a minute.
LEASE = timedelta(minutes=3)
NONE_OR_OLDER = "attribute_not_exists(PK) OR #round < :round"
HELD = "#round = :round AND holder = :held"
# As it was read: whoever wrote meanwhile has moved the end of the lease.
UNMOVED = f"{HELD} AND #until = :until"
RELEASED = f"{HELD} AND attribute_not_exists(#until)"


class DynamoCheckpoints:
    """The Checkpoints port."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    @translated
    def take(self, fresh: Checkpoint, now: datetime) -> Checkpoint | None:
        item = self._read(fresh.job_id)
        stands = checkpoint_of(item) if item else None
        if stands is None or stands.round < fresh.round:
            taken = fresh
            done = self._put(taken, now + LEASE, NONE_OR_OLDER)
        elif stands.round > fresh.round or _leased(item, now):
            return None
        else:
            taken, until = replace(stands, holder=fresh.holder), _lease_of(item)
            unmoved = UNMOVED if until else RELEASED
            done = self._put(taken, now + LEASE, unmoved, held=stands.holder, until=until)
        return taken if done else None

    @translated
    def save(self, checkpoint: Checkpoint, now: datetime) -> None:
        if not self._put(checkpoint, now + LEASE, HELD, held=checkpoint.holder):
            raise LeaseLostError(checkpoint.job_id)

    @translated
    def release(self, checkpoint: Checkpoint) -> None:
        self._put(checkpoint, None, HELD, held=checkpoint.holder)

    @translated
    def standing(self, job_id: str, round_: int) -> Checkpoint | None:
        item = self._read(job_id)
        stands = checkpoint_of(item) if item else None
        return stands if stands and stands.round == round_ else None

    def _read(self, job_id: str) -> Mapping[str, Any]:
        key = items.job_key(job_id, items.CHECKPOINT_SORT_KEY)
        return self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item", {})

    def _put(self, checkpoint: Checkpoint, lease: datetime | None, condition: str, **stands: object) -> bool:
        """``stands`` is what else the condition names; answers whether that was so."""
        values = items.to_values(
            {":round": checkpoint.round} | {f":{name}": each for name, each in stands.items()}
        )
        names = {f"#{name}": name for name in ("round", "until") if f"#{name}" in condition}
        try:
            self._client.put_item(
                TableName=self._table,
                Item=checkpoint_item(checkpoint, lease),
                ConditionExpression=condition,
                ExpressionAttributeNames=names,
                ExpressionAttributeValues=values,
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True


def _leased(item: Mapping[str, Any], now: datetime) -> bool:
    until = _lease_of(item)
    return until is not None and until > now


def _lease_of(item: Mapping[str, Any]) -> datetime | None:
    return items.moment_at(items.from_item(item), "until")


def checkpoint_item(checkpoint: Checkpoint, until: datetime | None) -> items.Item:
    position = checkpoint.position
    attributes = {
        "round": checkpoint.round,
        "holder": checkpoint.holder,
        "until": until,
        "archive_bytes": checkpoint.sizes.archive,
        "part_bytes": checkpoint.sizes.part,
        "finished": [[one.name, one.size, one.etag, one.files] for one in checkpoint.finished],
        "upload_id": checkpoint.upload_id,
        "parts": checkpoint.parts,
        "seal": checkpoint.seal,
        "position": position.offset,
        # Four bytes a file: of 10,000 files 40 KB, of the 400 KB that an item may have.
        "crcs": struct.pack(f"<{len(position.crcs)}I", *position.crcs),
        "crc": position.crc,
        "plan": checkpoint.plan,
        "volumes": checkpoint.volumes,
        "left_out": {str(file_id): code for file_id, code in position.left_out.items()},
        "expires_at": items.epoch_s(checkpoint.expires_at),
    }
    return items.job_key(checkpoint.job_id, items.CHECKPOINT_SORT_KEY) | items.to_values(attributes)


def checkpoint_of(item: Mapping[str, Any]) -> Checkpoint:
    values = items.from_item(item)
    packed = bytes(values["crcs"])
    position = Position(
        int(values["position"]),
        struct.unpack(f"<{len(packed) // 4}I", packed),
        int(values["crc"]),
        {int(file_id): code for file_id, code in values["left_out"].items()},
    )
    return Checkpoint(
        values["PK"].removeprefix(items.JOB_PREFIX),
        int(values["round"]),
        Sizes(int(values["archive_bytes"]), int(values["part_bytes"])),
        datetime.fromtimestamp(int(values["expires_at"]), UTC),
        values["holder"],
        tuple(Archive(name, int(size), etag, int(files)) for name, size, etag, files in values["finished"]),
        values.get("upload_id"),
        int(values["parts"]),
        int(values["seal"]),
        position,
        values.get("plan", ""),
        int(values.get("volumes", 0)),
    )
