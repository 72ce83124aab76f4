"""A small `make chaos` on an emulator of its own: every kind of fault, and the promise holds."""

import time
from pathlib import Path

from infra_cdk.steps import silent
from tests.chaos import orders
from tests.chaos.audit import audit
from tests.chaos.faults import Dice
from tests.chaos.rig import rigged
from tests.chaos.run import Load, run

SEED, JOBS, FILES, LONGEST_S = 7, 12, 400, 300


def test_under_every_kind_of_fault_nothing_is_lost_double_or_stuck(tmp_path: Path) -> None:
    dice = Dice(SEED, FILES)
    with rigged(tmp_path, dice, silent) as rig:
        load = Load(orders.draw(SEED, JOBS, FILES), time.monotonic() + LONGEST_S, show=lambda _: None)
        verdict = audit(run(rig, load))
    assert [str(finding) for finding in verdict.findings] == []
    assert (verdict.jobs["accepted"], verdict.files["accepted"]) == (JOBS, FILES)
    assert dice.missing == []
