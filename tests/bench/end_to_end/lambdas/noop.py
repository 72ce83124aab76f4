"""Does nothing but write a line: the emulator waits 50 ms for one that doesn't."""

import json
import time
from typing import Any


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    sent = [int(record["attributes"]["SentTimestamp"]) for record in event.get("Records", [])]
    print(json.dumps({"at": time.time() * 1000, "sent": sent}))  # noqa: T201 # a Lambda's log
    return {} if sent else {"statusCode": 204}
