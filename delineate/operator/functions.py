"""What the functions' configurations tell: where each logs, how long files are held back; no more is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from delineate.operator.cloud import AdminFault, asked

DELAYED, DELAY_LEAST, DELAY_MOST = "DOWNLOAD_DELAY_ENABLED", "DOWNLOAD_DELAY_MIN_MS", "DOWNLOAD_DELAY_MAX_MS"


@dataclass
class Functions:
    """Log groups by function, and what could not be asked.

    `delay` is how long each file is held back, at least and at most, while the simulated delay is on.
    """

    groups: dict[str, str] = field(default_factory=dict)
    delay: tuple[timedelta, timedelta] | None = None
    faults: list[str] = field(default_factory=list)


def configured(client: Any, names: Mapping[str, str]) -> Functions:
    """Asks for each function; needs `lambda:GetFunctionConfiguration`."""
    found = Functions()
    for function, name in names.items():
        try:
            told = asked(partial(client.get_function_configuration, FunctionName=name))
        except AdminFault as fault:
            found.faults.append(f"The log of {function} cannot be found: {fault}")
            continue
        found.groups[function] = told.get("LoggingConfig", {}).get("LogGroup", f"/aws/lambda/{name}")
        variables = told.get("Environment", {}).get("Variables", {})
        # Only those that send messages to the lanes have it.
        found.delay = found.delay or _delay(variables)
    return found


def _delay(variables: Mapping[str, str]) -> tuple[timedelta, timedelta] | None:
    least, most = (variables.get(name, "") for name in (DELAY_LEAST, DELAY_MOST))
    if variables.get(DELAYED) != "true" or not (least.isdigit() and most.isdigit()):
        return None
    return timedelta(milliseconds=int(least)), timedelta(milliseconds=int(most))
