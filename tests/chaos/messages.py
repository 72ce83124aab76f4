"""Faults of single messages in a SendMessageBatch: sent twice, refused, or lost behind a good answer."""

import json
from dataclasses import replace
from typing import Any
from uuid import uuid4

from tests.chaos.calls import Answer, Call
from tests.chaos.faults import DOUBLED, REFUSED, VANISHED, Dice, Fault
from tests.chaos.harm import Line

LATE_S = 4
"""The second copy of every other message comes so much later: when its job may have ended."""

Entries = list[dict[str, Any]]


def send(call: Call, line: Line, dice: Dice) -> Answer:
    """Forwards what is left of the batch, then the copies; answers for all of it."""
    entries: Entries = call.json["Entries"]
    refused = _take(entries, REFUSED, dice)
    vanished = _take(_without(entries, refused), VANISHED, dice)
    passed = _without(entries, refused + vanished)
    body: dict[str, Any] = {"Successful": [], "Failed": []}
    if passed:
        answer = line.forward(_with(call, passed))
        if not 200 <= answer.status < 300:
            return answer
        body |= json.loads(answer.body)
    copies = _take(passed, DOUBLED, dice)
    if copies:
        line.forward(_with(call, [_later(entry, place) for place, entry in enumerate(copies)]))
    body["Successful"] = [
        *body["Successful"],
        *({"Id": entry["Id"], "MessageId": str(uuid4())} for entry in vanished),
    ]
    body["Failed"] = [*body["Failed"], *(_refusal(entry) for entry in refused)]
    return Answer.of(200, body)


def _take(entries: Entries, fault: Fault, dice: Dice) -> Entries:
    taken = []
    for entry in entries:
        if dice.falls(fault):
            dice.note(fault)
            taken.append(entry)
    return taken


def _without(entries: Entries, others: Entries) -> Entries:
    return [entry for entry in entries if entry not in others]


def _with(call: Call, entries: Entries) -> Call:
    return replace(call, body=json.dumps(call.json | {"Entries": entries}).encode())


def _later(entry: dict[str, Any], place: int) -> dict[str, Any]:
    return entry | {"DelaySeconds": LATE_S * (place % 2)}


def _refusal(entry: dict[str, Any]) -> dict[str, Any]:
    return {"Id": entry["Id"], "Code": "InternalError", "SenderFault": False, "Message": "injected"}
