"""The README and the code tell WebSocket clients the same rules, with the numbers that are in force."""

import re
from pathlib import Path

from delineate import progress
from delineate.watching import live

README = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")


def rules(text: str) -> list[str]:
    numbered = re.findall(r"^(\d)\. ((?:.+\n)(?:   .+\n)*)", text, re.MULTILINE)
    return [f"{number}. {' '.join(said.split())}" for number, said in numbered]


def test_the_readme_and_the_code_tell_the_same_rules() -> None:
    section = README.split("### WebSocket")[1].split("\n## ")[0]
    assert rules(section) == rules(progress.__doc__ or "")
    assert [rule[0] for rule in rules(section)] == list("12345")


def test_the_rules_name_the_times_that_are_waited() -> None:
    told = rules(progress.__doc__ or "")
    assert f"within {live.REMAINDER_SECONDS:.0f} s," in told[3]
    assert f"After {live.SILENCE_SECONDS:.0f} s of silence" in told[4]
