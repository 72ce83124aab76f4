"""How queues and the stream feed their functions: facts alone, for the stack and whoever counts by them."""

from collections.abc import Mapping
from typing import Any

LANE_BATCH = 10
"""Messages a call: SQS's most without a batching window, which would hold single files back."""

NOTICE_BATCH = 1
"""One notice a call: a receiver that hangs for 15 s holds back nobody else's."""

BUNDLE_BATCH = 1
RESTORE_BATCH = 10
LETTER_BATCH = 10
HISTORY_BATCH = 10

AT_ONCE = 10
"""Runs of bury_file and of finish_restores: either may have work by the thousand, and nobody waits for it."""

STREAM_BATCH = 100
STREAM_WINDOW_SECONDS = 0

Pattern = Mapping[str, Any]

JOB_CHANGED: Pattern = {"eventName": ["MODIFY"], "dynamodb": {"Keys": {"SK": {"S": ["JOB"]}}}}
# A tally tells of the files of its batch: their own records need no call.
COUNTED: Pattern = {
    "eventName": ["INSERT", "MODIFY"],
    "dynamodb": {"Keys": {"SK": {"S": [{"prefix": "TALLY#"}]}}},
}
WISH: Pattern = {"eventName": ["INSERT", "MODIFY"], "dynamodb": {"Keys": {"SK": {"S": ["WISH"]}}}}
# By the table's TTL, or with all that is kept of a user: either way its job is gone.
BUNDLE_EXPIRED: Pattern = {"eventName": ["REMOVE"], "dynamodb": {"Keys": {"SK": {"S": ["BUNDLE"]}}}}

STREAM_FILTERS = (JOB_CHANGED, COUNTED, WISH, BUNDLE_EXPIRED)
"""What of the table's changes reaches publish_progress; see "Filter rule syntax" in Lambda's guide."""
