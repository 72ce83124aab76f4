"""How long a run takes, by what it calls: the model of durations.toml."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import ceil
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("durations.toml")


@dataclass(frozen=True, slots=True)
class Durations:
    wait_ms: Mapping[str, float]
    together: Mapping[str, int]
    cpu_ms: Mapping[str, float]
    function: Mapping[str, float]

    def run_ms(self, calls: Mapping[str, int], files: int, memory_mb: int) -> float:
        """Milliseconds of a warm run that makes these calls, by operation, about so many files."""
        waits = sum(
            self.wait_ms[operation] * ceil(count / self.together.get(operation, 1))
            for operation, count in calls.items()
        )
        work = self.cpu_ms["run"] + self.cpu_ms["call"] * sum(calls.values()) + self.cpu_ms["file"] * files
        return waits + work / min(1.0, memory_mb / self.function["vcpu_mb"])


@cache
def durations() -> Durations:
    told: dict[str, Any] = tomllib.loads(FILE.read_text())
    return Durations(told["wait_ms"], told["together"], told["cpu_ms"], told["lambda"])
