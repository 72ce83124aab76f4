"""How many batches the normal lane takes at once, and when that changes: read out of the settings."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from infra_cdk.checks import LANE_CONCURRENCY

if TYPE_CHECKING:
    from infra_cdk.config import Config

MIN_POLLERS = range(2, 201)
MOST_POLLERS = range(2, 2_001)
"""What Lambda takes for a queue ("ProvisionedPollerConfig" of its API)."""

RUNS_A_POLLER = 10
"""Batches that a poller of a queue has in hand at the most (Lambda's guide, "Provisioned mode")."""

STEP = re.compile(r"([01]\d|2[0-3]):([0-5]\d)=(\d{1,5})")


@dataclass(frozen=True)
class Pollers:
    """Pollers of provisioned mode that are always there, and at most; each has up to ten batches at once."""

    least: int
    most: int


@dataclass(frozen=True)
class Step:
    """From a time of day on: the maximum concurrency of the normal lane, or its pollers at least."""

    hour: int
    minute: int
    value: int


def pollers(config: "Config") -> Pollers | None:
    """Those of NORMAL_POLLERS; None where the lane has a maximum concurrency. Raises ValueError."""
    if not config.normal_pollers:
        return None
    texts = config.normal_pollers
    numbers = [int(text) for text in texts if text.isdecimal()]
    if len(texts) != 2 or len(numbers) != 2:  # noqa: PLR2004 # the least and the most
        raise ValueError(f"NORMAL_POLLERS is {','.join(texts)!r}: two numbers, the least and the most")
    found = Pollers(*numbers)
    if found.least not in MIN_POLLERS or found.most not in MOST_POLLERS or found.least > found.most:
        raise ValueError(
            f"NORMAL_POLLERS is {found.least},{found.most}: Lambda takes 2 to 200 at least, 2 to 2000 at most"
        )
    return found


def steps(config: "Config") -> tuple[Step, ...]:
    """Those of SCALE_AT. Raises ValueError for one that cannot be read, or that Lambda would refuse."""
    found = tuple(_step(text) for text in config.scale_at)
    if len({(step.hour, step.minute) for step in found}) < len(found):
        raise ValueError("SCALE_AT names a time twice")
    for step in found:
        _check(step, config)
    return found


def scaling(config: "Config") -> None:
    """Both can be read, and the time zone is one."""
    pollers(config)
    if steps(config) and config.scale_time_zone not in available_timezones():
        raise ValueError(f"SCALE_TIME_ZONE is {config.scale_time_zone!r}: a name such as Europe/Vienna")


def change(config: "Config", step: Step) -> Mapping[str, Any]:
    """What UpdateEventSourceMapping takes for a step, the mapping's own id apart."""
    provisioned = pollers(config)
    if provisioned is None:
        return {"ScalingConfig": {"MaximumConcurrency": step.value}}
    return {"ProvisionedPollerConfig": {"MinimumPollers": step.value, "MaximumPollers": provisioned.most}}


def _step(text: str) -> Step:
    found = STEP.fullmatch(text)
    if not found:
        raise ValueError(f"SCALE_AT holds {text!r}: it takes times and numbers, 07:30=50,20:00=5")
    return Step(*(int(part) for part in found.groups()))


def _check(step: Step, config: "Config") -> None:
    provisioned, at = pollers(config), f"{step.hour:02}:{step.minute:02}={step.value}"
    if provisioned is None and step.value not in LANE_CONCURRENCY:
        raise ValueError(f"SCALE_AT holds {at}: SQS takes 2 to 1000 a lane")
    if provisioned and not (step.value in MIN_POLLERS and step.value <= provisioned.most):
        raise ValueError(f"SCALE_AT holds {at}: pollers at least, 2 to 200 and no more than NORMAL_POLLERS")
