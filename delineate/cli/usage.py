"""Wrong usage in one line: which option or argument, what is wrong with it, and what is allowed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import typer
from pydantic import ValidationError
from typer.core import TyperGroup
from typer.exceptions import TyperException

from delineate import words
from delineate.cli.ending import ExitCode, say

# What the parameters' own types say of a value, by pydantic's names.
PROBLEMS = {
    "int_parsing": "{given} is not a whole number",
    "float_parsing": "{given} is not a number",
    "greater_than_equal": "{given} is too small, {ge:g} is the least",
    "less_than_equal": "{given} is too large, {le:g} is the most",
    "datetime_parsing": "{given} is not a time such as 2026-11-23T12:00:00",
    "datetime_from_date_parsing": "{given} is not a time such as 2026-11-23T12:00:00",
}


class OneLine(TyperGroup):
    """Commands whose wrong usage is told in one line on stderr, and ends them with code 2."""

    def make_context(self, *args: Any, **more: Any) -> Any:
        """See `TyperGroup`."""
        with _in_one_line():
            return super().make_context(*args, **more)

    def invoke(self, ctx: Any) -> Any:
        """See `TyperGroup`."""
        with _in_one_line():
            return super().invoke(ctx)


def checked(check: Callable[[str], str]) -> Callable[[str | None], str | None]:
    """The check, as the callback of an option or argument that may be missing."""

    def refused_in_words(value: str | None) -> str | None:
        try:
            return value if value is None else check(value)
        except ValueError as fault:
            raise typer.BadParameter(f"{fault}.") from fault

    return refused_in_words


@contextmanager
def _in_one_line() -> Iterator[None]:
    try:
        yield
    except TyperException as fault:
        told = _told(fault)
        if "\n" in told:
            # The help, because nothing at all was asked for.
            raise
        say(f"delineate: {told}", bad=True)
        raise typer.Exit(ExitCode.USAGE) from fault


def _told(fault: TyperException) -> str:
    if isinstance(fault, typer.BadParameter) and fault.message:
        hint = fault.param_hint or (fault.param.get_error_hint() if fault.param else "")
        named = f"{hint}: ".replace("'", "") if isinstance(hint, str) and hint else ""
        return f"{named}{_problem(fault)}"
    context = getattr(fault, "ctx", None)
    help_of = f" See `{context.command_path} --help`." if context else ""
    told = fault.format_message()
    return f"{told}{'' if told.endswith(('.', '?')) else '.'}{help_of}"


def _problem(fault: typer.BadParameter) -> str:
    if not isinstance(fault.__cause__, ValidationError):
        return fault.message
    problem = fault.__cause__.errors()[0]
    told = PROBLEMS.get(problem["type"])
    if told is None:
        return f"{problem['msg'].removeprefix('Value error, ').rstrip('.')}."
    bounds = {name: bound for name, bound in problem.get("ctx", {}).items() if name in ("ge", "le")}
    return f"{told.format(given=words.quoted(problem['input']), **bounds)}."
