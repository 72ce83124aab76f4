"""Archived objects in S3: what a HEAD says of one, and the request that has it restored."""

import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from downloads.cold import Asked, ColdClass, Restore, Tier

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

COPY_ENDS = re.compile(r'expiry-date="([^"]+)"')
ACCEPTED = 202


def cold_of(head: Mapping[str, Any]) -> tuple[ColdClass | None, bool, datetime | None]:
    """Where the object lies that cannot be read, whether it is being restored, and when its copy ends.

    By the S3 API Reference, HeadObject: x-amz-storage-class, x-amz-archive-status and x-amz-restore. Glacier
    Instant Retrieval is read like any other class.
    """
    place = head.get("ArchiveStatus") or head.get("StorageClass")
    cold = ColdClass(place) if place in set(ColdClass) else None
    restore = head.get("Restore", "")
    if cold is None or 'ongoing-request="true"' in restore:
        return cold, cold is not None and bool(restore), None
    if ends := COPY_ENDS.search(restore):
        return None, False, parsedate_to_datetime(ends[1])
    return cold, False, None


def ask_to_restore(  # noqa: PLR0913, PLR0917 # the object, and what is asked for it
    client: "S3Client", bucket: str, key: str, cold: ColdClass | None, tier: Tier, days: int
) -> Restore:
    """S3 API Reference, RestoreObject. Without ``cold`` a copy is there, which stays ``days`` from now.

    That takes a number of days and no tier: should the copy be gone, S3 restores in its own, Standard.
    Raises ClientError for all that is neither "in progress already" nor "no Expedited to be had now".
    """
    tier = tier.of(cold) if cold else Tier.STANDARD
    request: Any = {"GlacierJobParameters": {"Tier": tier.value}} if cold else {}
    if cold is None or cold.copies:
        # Of Intelligent-Tiering there is no copy that could end: it refuses a number of days.
        request["Days"] = days
    try:
        reply = client.restore_object(Bucket=bucket, Key=key, RestoreRequest=request)
    except ClientError as error:
        match error.response["Error"]["Code"]:
            case "RestoreAlreadyInProgress":
                return Restore(tier, Asked.JOINED)
            case "GlacierExpeditedRetrievalNotAvailable" if tier is Tier.EXPEDITED:
                return ask_to_restore(client, bucket, key, cold, Tier.STANDARD, days)
        raise
    begun = reply["ResponseMetadata"]["HTTPStatusCode"] == ACCEPTED
    return Restore(tier, Asked.BEGUN if begun else Asked.RENEWED)
