"""What the functions' configurations tell: where each logs, how long a link lives; no more is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from delineate.operator.cloud import AdminFault, asked

WORKER, LINK_LIFE = "process_file", "URL_TTL_SECONDS"


@dataclass
class Functions:
    """Log groups by function, the life of a link where it can be known, and what could not be asked."""

    groups: dict[str, str] = field(default_factory=dict)
    link_life: timedelta | None = None
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
        if function == WORKER:
            seconds = told.get("Environment", {}).get("Variables", {}).get(LINK_LIFE, "")
            found.link_life = timedelta(seconds=int(seconds)) if seconds.isdigit() else None
    return found
