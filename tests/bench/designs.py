"""The same work in other designs, priced by the same list and the same durations."""

from collections.abc import Mapping
from dataclasses import dataclass

from infra_cdk.config import Config
from infra_cdk.prices import list_prices
from tests.bench.bill import Bill, bill_of, gb_seconds
from tests.bench.cloud.play import Batches, play
from tests.bench.durations import durations

MESSAGES_SENT_TOGETHER = 10
# An Express workflow is billed by 64 MB ("AWS Step Functions Pricing").
EXPRESS_GB = 64 / 1_024


@dataclass(frozen=True, slots=True)
class Design:
    """Dollars a million files, and those of a month before the first file: the least and the most."""

    name: str
    a_million: float
    standing: tuple[float, float]

    def month(self, millions: float) -> tuple[float, float]:
        least, most = (each + self.a_million * millions for each in self.standing)
        return least, most


def one_by_one(files: int, config: Config) -> Bill:
    """One message, one run and one transaction a file: the real functions, with lanes in batches of one.

    Messages are sent one by one, too, which the functions do not: their requests are added.
    """
    played = play(files, config, Batches(lane=1))
    bill = bill_of(played, config)
    more = files - files / MESSAGES_SENT_TOGETHER
    bill["SQS"] += more * list_prices().each("queue_request")
    return bill


def distributed_map(config: Config, items: int, shared: float) -> float:
    """Dollars a million files of Step Functions' Distributed Map with Express children of ``items`` each.

    A child is one state transition ("Transitions" in its guide) and one run, which puts each result by a
    plain write: the map itself counts. ``shared`` is what telling and linking cost in any design.
    """
    prices = list_prices()
    ms = durations().run_ms({"HeadObject": items, "PutItem": items}, items, config.memory_mb)
    child = (
        sum(prices.each(name) for name in ("state_transition", "express_request", "lambda_request"))
        + ms / 1_000 * EXPRESS_GB * prices.second["express_gb"]
        + gb_seconds(ms, config.memory_mb)
    )
    file = prices.each("head_request") + prices.each("write_unit")
    return (child / items + file) * 1e6 + shared


def always_on(shared: float) -> Design:
    """Redis and workers that never stop, as planned: only S3 and telling grow with the files."""
    prices: Mapping[str, float] = list_prices().month
    a_million = list_prices().million["head_request"] + shared
    return Design(
        "Redis and workers, always on", a_million, (prices["always_on_least"], prices["always_on_most"])
    )


def crossing(ours: Design, theirs: Design) -> tuple[float, float]:
    """Millions of files a month up to which ours costs less, against their least and their most."""
    slope = ours.a_million - theirs.a_million
    least, most = (max(0.0, (standing - ours.standing[0]) / slope) for standing in theirs.standing)
    return least, most
