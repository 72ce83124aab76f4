"""Bench: what is full first at 1, 100 and 10,000 jobs a second, and which setting moves it: on paper."""

from collections.abc import Sequence

from infra_cdk.config import for_stage
from tests.bench.cloud.play import play
from tests.bench.report import Bound, Goal, Report, Table, Told, figure
from tests.bench.scale_model import Limited, files_a_second_of_one_job, limited, limits

STAGE, FILES, MANY = "prod", 10, 1_000
RATES = (1, 100, 10_000)
SETTINGS_ALONE = 100
INTRO = f"""A model, not a measurement: what one job of {FILES} files uses (counted as in *Calls and cost a
file*, timed by `tests/bench/durations.toml`) against what AWS and the settings allow
(`tests/bench/limits.toml`, each limit with its source). Every job has one watcher. Stage {STAGE}, its
defaults. What is limited by how much is under way at once is rate times duration, by Little's law."""


def run(told: Told) -> Report:
    config = for_stage(STAGE)
    told(f"a job of {FILES} files")
    played = play(FILES, config)
    told(f"a job of {MANY:,} files")
    one_job = files_a_second_of_one_job(play(MANY, config))
    found = limited(played, config)
    tables = [_ladder(found), _rates(found), _sources()]
    goals = [
        Goal("Share of the scarcest at 1 job a second", found[0].full(1), 1.0),
        Goal(
            "Jobs a second with settings alone and a table that has grown, no quota asked for",
            min(one.jobs_a_second_at_most for one in found),
            SETTINGS_ALONE,
            Bound.AT_LEAST,
        ),
        Goal(
            f"Files a second of one job of {MANY:,}, by its fullest partition", one_job, 100, Bound.AT_LEAST
        ),
    ]
    return Report("Scale on paper", INTRO, tables, goals)


def _ladder(found: Sequence[Limited]) -> Table:
    """From the scarcest on: what is moved, and how far it then goes."""
    rows = [
        (
            one.name,
            figure(one.use),
            figure(one.limit),
            figure(one.jobs_a_second),
            one.moved_by,
            figure(one.jobs_a_second_at_most) if one.most else "",
        )
        for one in found
    ]
    head = ("Limited", "A job a second uses", "Of", "Jobs a second", "Moved by", "As far as")
    note = (
        f"*{found[0].name}* is full first, then *{found[1].name}*. Above its limit work waits in a queue "
        "or in the stream; the two APIs and the account's concurrency refuse callers, and what DynamoDB or "
        "S3 refuse is tried again; a watcher whose frame is refused subscribes again. That a table grows "
        "needs no request, but takes traffic, and minutes a doubling, or warm throughput, which is paid for."
    )
    return Table("What is full first", head, rows, note)


def _rates(found: Sequence[Limited]) -> Table:
    rows = [(one.name, *(_share(one.full(rate)) for rate in RATES)) for one in found]
    head = ("Limited", *(f"{rate:,} jobs a second" for rate in RATES))
    return Table(
        "How full, with the defaults", head, rows, "Above 100 %: raise what moves it to so many times."
    )


def _sources() -> Table:
    rows = [(one["what"], f"{one['value']:,}", one["source"], f"{one['dated']}") for one in limits().values()]
    return Table("Limits", ("Limit", "Value", "Source", "Dated"), rows)


def _share(full: float) -> str:
    return f"{100 * full:,.0f} %" if full >= 0.01 else "under 1 %"
