"""List prices, read from prices.toml when first asked for."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("prices.toml")
MILLION = 1_000_000


@dataclass(frozen=True)
class Prices:
    """Dollars by what they are of: `million` of requests or units, `second`, `hour`, `gigabyte`, `month`."""

    dated: date
    region: str
    million: Mapping[str, float]
    second: Mapping[str, float]
    hour: Mapping[str, float]
    gigabyte: Mapping[str, float]
    month: Mapping[str, float]

    def each(self, name: str) -> float:
        """Of one request or unit. Raises KeyError for what has no price."""
        return self.million[name] / MILLION


@cache
def list_prices() -> Prices:
    """Those of the file, which says of when they are."""
    return Prices(**tomllib.loads(FILE.read_text()))
