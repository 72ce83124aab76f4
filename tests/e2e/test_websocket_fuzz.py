"""Garbage on a real WebSocket: each frame gets its error frame, and the connection goes on as before."""

import json
import random
from typing import Any

from tests.e2e.conftest import Service, hear, say

SEED = 20261123
FRAME_LIMIT = 32_768
LETTERS = "".join(map(chr, [*range(32, 127), 0, 0xE9, 0x2028, 0x1F4A9]))
VALUES: list[Any] = [None, True, 7, -1, 1e308, 10**400, "", "x", [], {}, [[]], {"action": "ping"}]


def garbage(seed: int) -> list[str | bytes]:
    """A lot that is the same for the same seed."""
    draw = random.Random(seed)  # noqa: S311 # no secret: a seed makes a run repeat
    words = ["".join(draw.choices(LETTERS, k=draw.randrange(1, 200))) for _ in range(30)]
    wrong = [json.dumps({"action": draw.choice(VALUES), "jobId": draw.choice(VALUES)}) for _ in range(30)]
    known = [json.dumps({"action": "subscribe", "jobId": value}) for value in VALUES]
    binary = [draw.randbytes(draw.randrange(1, 2_000)) for _ in range(10)]
    sizes = [
        "x" * (FRAME_LIMIT - 1),
        json.dumps({"action": "x" * 32_000}),
        json.dumps({"action": "ping", "x" * 32_000: 1}),
        # On deeper ones the emulator itself closes; the test of the handler has them.
        "[" * 5_000,
        '{"action":' * 3_000,
    ]
    halves = [
        '{"action": "\\ud800"}',
        '{"action": "ping", "\\udfff": 1}',
        '{"action": "subscribe", "jobId": "\\ud800"}',
    ]
    lot = [*words, *wrong, *known, *binary, *sizes, *halves]
    draw.shuffle(lot)
    return lot


def test_garbage_is_refused_frame_by_frame_and_the_connection_lives(service: Service) -> None:
    job_id = service.initiate([70000])
    service.ended(job_id)
    with service.watch() as socket:
        for frame in garbage(SEED):
            socket.send(frame)
            answer = hear(socket)
            assert (answer["type"], answer["error"]["code"]) == ("error", "INVALID_FRAME"), frame[:200]
            assert set(answer["error"]) == {"code", "message"}
        say(socket, "ping")
        assert hear(socket) == {"type": "pong"}
        say(socket, "subscribe", jobId=job_id)
        assert (hear(socket)["type"], service.status(job_id)["status"]) == ("snapshot", "completed")
