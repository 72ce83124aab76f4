"""What process_file costs the processor beside the calls that it makes, and a link beside botocore's."""

from collections.abc import Mapping, Sequence

from tests.bench.interpreter import told as answered
from tests.bench.report import Bound, Goal, Report, Table, Told, figure

INTRO = """
Microseconds of CPU time, of all threads. AWS is a stand-in that answers where botocore would send, so
that both sides pay for all that botocore does, and nobody for a network. `process_file` gets batches of
ten messages of one job, warm; the bare loop makes the very calls that it was heard to make (ten HEADs and
one transaction: the job is remembered), by clients as boto3 makes them, with nothing around them. They take
turns, 200 rounds each; a figure is the tenth percentile of its rounds, for on a busy machine the rest
measures the neighbours. Links are signed with a role's session token.
"""
AGENTS = (
    "botocore builds its user agent anew twice a call, and looks at each parameter. The functions' clients "
    "have an agent of their own, and that of DynamoDB looks at nothing, so that their calls cost less than "
    "the bare loop's; the second loop has the agent alone. Against it `process_file` takes {ratio} times as "
    "long: what it does besides is reading messages, threads, results, log and metrics."
)
FLOOR, ALIKE, BOTOCORE = "bare loop", "bare loop, the same user agent", "botocore"


def run(told: Told) -> Report:
    told("batches of ten files, and links")
    found = answered(["-m", "tests.bench.handler_probe"])
    files, links = _low(found["handler"]), _low(found["links"])
    return Report(
        "Handler time",
        INTRO,
        [
            Table(
                "A file of a batch of ten",
                ("", "µs", "to the bare loop"),
                _rows(files, FLOOR),
                AGENTS.format(ratio=figure(files["process_file"] / files[ALIKE])),
            ),
            Table(
                "A link",
                ("", "µs", "to botocore's"),
                _rows(links, BOTOCORE),
                "A page is signed in one second; one a second is a redirect now and then.",
            ),
        ],
        [
            Goal(
                "`process_file` to a bare loop of the same calls", files["process_file"] / files[FLOOR], 1.2
            ),
            Goal("links a page, to botocore's speed", links[BOTOCORE] / links["a page"], 20, Bound.AT_LEAST),
        ],
    )


def _low(taken: Mapping[str, Sequence[float]]) -> dict[str, float]:
    return {name: sorted(rounds)[len(rounds) // 10] for name, rounds in taken.items()}


def _rows(low: Mapping[str, float], floor: str) -> list[tuple[str, str, str]]:
    return [(name, figure(each), figure(each / low[floor])) for name, each in low.items()]
