"""Bench: every AWS call that a job makes, and what it costs, beside other designs."""

from infra_cdk.config import Config, for_stage
from infra_cdk.mappings import LANE_BATCH
from infra_cdk.prices import list_prices
from tests.bench import designs
from tests.bench.bill import TELLING, Bill, bill_of, dollars_a_million
from tests.bench.cloud import sizes
from tests.bench.cloud.play import Batches, Played, play
from tests.bench.designs import Design
from tests.bench.report import Goal, Report, Table, Told, figure
from tests.bench.standing import HOURS, series_in, standing_bill

STAGE = "prod"
SIZES = (1, 10, 100, 1_000, 10_000)
GOAL_SIZE, FLAT = 1_000, (100, 10_000)
NOT_FULL = (7, 5, 3)
MONTHS = (0.01, 1, 10, 100)
INTRO = """One job of each size is played from its request to its links: the real functions, called with the
events that API Gateway, SQS and the stream would send (the mappings' own batch sizes and filters), a watcher
on a WebSocket, and a hook in botocore that answers every call from memory and counts it. Units are DynamoDB's
own rules applied to the real items, and bytes those of the real requests; only time is a model
(`tests/bench/durations.toml`). List prices of us-east-1 (`infra_cdk/prices.toml`), before free tiers; what
clients download costs the same in every design, and is in none of the figures."""


def run(told: Told) -> Report:
    config = for_stage(STAGE, max_files_per_job=SIZES[-1])
    played = {}
    for size in SIZES:
        told(f"a job of {size:,} files")
        played[size] = play(size, config)
    bills = {size: bill_of(one, config) for size, one in played.items()}
    told("the same, in batches that are not full")
    batches = {LANE_BATCH: played[GOAL_SIZE]}
    batches |= {size: play(GOAL_SIZE, config, Batches(lane=size)) for size in NOT_FULL}
    told("the same, one message at a time")
    single = designs.one_by_one(GOAL_SIZE, config)
    told("what stands in the template")
    ours, standing = month_of(played[FLAT[0]], bills[FLAT[0]], config)
    goal = bills[GOAL_SIZE]
    tables = [
        _by_size(played, bills),
        _by_call(played[GOAL_SIZE]),
        _by_service(goal),
        _by_batch(batches, config),
        _of_a_link(played[GOAL_SIZE]),
        _beside(goal, single, config),
        _standing(standing),
        *months(ours, goal),
    ]
    return Report("Calls and cost a file", INTRO, tables, _goals(played[GOAL_SIZE], bills))


def month_of(played: Played, bill: Bill, config: Config) -> tuple[Design, Bill]:
    """This service as a design, by jobs as large as the one played, and its bill of a month without any."""
    standing = standing_bill(STAGE, config)
    # A custom metric is billed by the hours in which it is told: jobs in every hour of the month, at worst.
    series = len(series_in(played.functions.lines))
    standing[f"CloudWatch metrics of jobs, all {HOURS} hours"] = series * list_prices().month["metric"]
    total = sum(standing.values())
    return Design("This service", dollars_a_million(bill, played.files), (total, total)), standing


def months(ours: Design, bill: Bill) -> list[Table]:
    """The README's table: bills of a month, and where they cross."""
    theirs = designs.always_on(_shared(bill, GOAL_SIZE))
    head = ("Design", *(f"{_millions(month)} files" for month in MONTHS))
    rows = [
        (ours.name, *(_dollars(ours.month(month)[0]) for month in MONTHS)),
        (theirs.name, *(" to ".join(map(_dollars, theirs.month(month))) for month in MONTHS)),
    ]
    least, most = designs.crossing(ours, theirs)
    note = (
        f"They cross at {figure(least)} to {figure(most)} million files a month: below, this service costs "
        f"less, above, the design that is always on. Jobs of {FLAT[0]} files, in every hour; of a month, "
        f"{_dollars(ours.standing[0])} stand whether there are jobs or not. The other design is priced as "
        "planned (Redis and Sentry, 41 to 149 dollars), without servers for its API and workers, with the "
        "same calls to S3 and bytes to clients."
    )
    return [Table("The bill of a month", head, rows, note)]


def _by_size(played: dict[int, Played], bills: dict[int, Bill]) -> Table:
    head = (
        "Files",
        "S3 calls",
        "SQS requests",
        "DynamoDB calls",
        "Write units",
        "Read units",
        "Runs",
        "Frames",
    )
    rows = []
    for size, one in played.items():
        tally, runs = one.cloud.tally, sum(each.runs for each in one.ran.values())
        table = tally.of("dynamodb")
        counts = (
            tally.of("s3").calls,
            tally.of("sqs").calls,
            table.calls,
            table.write_units,
            table.read_units,
            runs,
            len(one.cloud.frames),
        )
        dollars = f"${dollars_a_million(bills[size], size):,.2f}"
        rows.append((f"{size:,}", *(figure(count / size) for count in counts), dollars))
    return Table("A file, by the size of its job", (*head, "Dollars a million"), rows)


def _by_call(played: Played) -> Table:
    rows = [
        (
            f"{called.by}: {called.service}:{called.operation}",
            f"{count.calls:,}",
            figure(count.write_units),
            figure(count.read_units),
            f"{count.sent_bytes:,}",
            f"{count.got_bytes:,}",
        )
        for called, count in sorted(played.cloud.tally.counts.items(), key=lambda one: -one[1].calls)
    ]
    head = ("Call", "Calls", "Write units", "Read units", "Bytes sent", "Bytes received")
    note = "`mapping` is Lambda's own poller: it receives and deletes, and its share of SQS is billed too."
    return Table(f"All calls of a job of {played.files:,} files", head, rows, note)


def _by_batch(played: dict[int, Played], config: Config) -> Table:
    rows = [
        (
            f"{size}",
            *(figure(one.cloud.tally.of(service).calls / one.files) for service in ("sqs", "dynamodb")),
            figure(one.cloud.tally.of("dynamodb").write_units / one.files),
            f"${dollars_a_million(bill_of(one, config), one.files):,.2f}",
        )
        for size, one in played.items()
    ]
    head = ("Messages a batch", "SQS requests", "DynamoDB calls", "Write units", "Dollars a million")
    note = (
        "All other tables, and the goals, take batches to be full, as they are where a backlog waits: SQS "
        "hands over what it has, and a lane that is worked off as fast as it fills, or has many small jobs "
        "mixed, brings fewer of one job at once."
    )
    return Table(f"A file, in jobs of {GOAL_SIZE:,}, by how full the batches of a lane are", head, rows, note)


def _by_service(bill: Bill) -> Table:
    rows = [(name, f"{dollars / GOAL_SIZE * 1e6:.3f}") for name, dollars in bill.items()]
    return Table(f"Dollars a million files, in jobs of {GOAL_SIZE:,}", ("For", "Dollars"), rows)


def _of_a_link(played: Played) -> Table:
    """A result's item as it is, and with its URL in it; the rest of what a link costs is a signature."""
    changes = played.cloud.table.changes
    item = next(one.after for one in reversed(changes) if one.after and "etag" in one.after)
    bare = {name: value for name, value in item.items() if name not in {"url", "url_expires_at"}}
    stored = {**bare, "url": {"S": played.link["downloadUrl"]}, "url_expires_at": {"N": "1795435200123"}}
    rows = [
        (name, f"{sizes.size(one):,}", f"{sizes.TRANSACTED * sizes.written(one)}")
        for name, one in (("as it is written", item), ("without a URL", bare), ("with its URL", stored))
    ]
    note = "Written in a transaction, which costs twice; a URL of a Lambda role holds its session token."
    return Table("What a stored URL costs", ("A result's item", "Bytes", "Write units"), rows, note)


def _beside(goal: Bill, single: Bill, config: Config) -> Table:
    shared = _shared(goal, GOAL_SIZE)
    ours = dollars_a_million(goal, GOAL_SIZE)
    priced = [
        ("This service", ours),
        ("One message, one run, one transaction a file", dollars_a_million(single, GOAL_SIZE)),
        *(
            (
                f"Step Functions Distributed Map, {many} a child",
                designs.distributed_map(config, items, shared),
            )
            for items, many in ((1, "a file"), (10, "10 files"), (100, "100 files"), (1_000, "1,000 files"))
        ),
        ("Redis and workers, always on: 41 to 149 a month, and", designs.always_on(shared).a_million),
    ]
    rows = [(name, f"{dollars:,.2f}", f"{dollars / ours:.1f}") for name, dollars in priced]
    note = (
        f"In jobs of {GOAL_SIZE:,}, without what stands in a month. Frames, links and their bytes are in "
        "all. A child of a map ends as a whole: the more files it has, the less it costs, the later its "
        "first result is told, and the more is looked at again when one fails."
    )
    return Table("Dollars a million files, by design", ("Design", "Dollars", "Times"), rows, note)


def _standing(bill: Bill) -> Table:
    rows = [(name, f"{dollars:.2f}") for name, dollars in bill.items()]
    total = ("All", f"{sum(bill.values()):.2f}")
    note = f"Stage {STAGE}, counted in its template. Of metrics of jobs, an hour without a job costs nothing."
    return Table("Dollars of a month before the first file", ("For", "Dollars"), [*rows, total], note)


def _goals(played: Played, bills: dict[int, Bill]) -> list[Goal]:
    tally, files = played.cloud.tally, played.files
    small, large = (dollars_a_million(bills[size], size) for size in FLAT)
    return [
        Goal("S3 calls a file", tally.of("s3").calls / files, 1.05),
        Goal("SQS requests a file", tally.of("sqs").calls / files, 0.35),
        Goal("DynamoDB calls a file", tally.of("dynamodb").calls / files, 0.25),
        Goal("Write units a file", tally.of("dynamodb").write_units / files, 2.5),
        Goal("Dollars a million files", dollars_a_million(bills[GOAL_SIZE], GOAL_SIZE), 2.5),
        Goal(f"Cost a file in a job of {FLAT[1]:,} against {FLAT[0]}", large / small, 1.10),
    ]


def _shared(bill: Bill, files: int) -> float:
    return sum(bill[name] for name in TELLING) / files * 1e6


def _millions(month: float) -> str:
    return f"{month:,.0f} million" if month >= 1 else f"{month * 1_000_000:,.0f}"


def _dollars(amount: float) -> str:
    return f"${amount:,.2f}" if amount < 100 else f"${amount:,.0f}"
