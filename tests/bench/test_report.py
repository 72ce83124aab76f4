import re
from pathlib import Path

import pytest

from tests.bench import markdown
from tests.bench.report import Bound, Goal, Report, Table, figure


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.01234, "0.0123"),
        (0.25, "0.250"),
        (1.234, "1.23"),
        (12.34, "12.3"),
        (99.96, "100"),
        (12345.6, "12,346"),
    ],
)
def test_a_figure_has_three_digits_that_count(value, text):
    assert figure(value) == text


@pytest.mark.parametrize(
    ("bound", "measured", "held"),
    [
        (Bound.AT_MOST, 1.0, True),
        (Bound.AT_MOST, 1.1, False),
        (Bound.AT_LEAST, 1.0, True),
        (Bound.AT_LEAST, 0.9, False),
    ],
)
def test_a_goal_is_held_up_to_its_limit(bound, measured, held):
    assert Goal("g", measured, 1.0, bound).held is held


def test_what_another_page_quotes_is_what_the_benchmarks_say():
    """README's tables are written by the run that wrote docs/benchmarks.md, and by nobody since."""
    quoted = re.findall(
        r"<!-- table (.+?) -->\n(.*?)\n<!-- end table -->", Path("README.md").read_text(), re.DOTALL
    )
    assert [title for title, _ in quoted] == ["The bill of a month"]
    measured = markdown.PAGE.read_text()
    assert all(table in measured for _, table in quoted)


def test_a_page_is_given_the_tables_that_it_has_a_place_for(tmp_path):
    page = tmp_path / "README.md"
    page.write_text("before\n<!-- table Calls -->\nold\n<!-- end table -->\nafter\n")
    markdown.quote(report(1.0), page)
    markdown.quote(report(2.0), page)
    text = page.read_text()
    assert text.startswith("before\n<!-- table Calls -->\n**Calls**\n")
    assert text.endswith("per file\n<!-- end table -->\nafter\n")
    assert "old" not in text


def report(measured: float) -> Report:
    table = Table("Calls", ("Job", "S3"), [("10 files", "1.00")], "per file")
    return Report("Calls", "What is counted.", [table], [Goal("S3 calls a file", measured, 1.05)])


def test_a_run_replaces_its_own_section_and_no_other(tmp_path):
    page = tmp_path / "benchmarks.md"
    markdown.write("one", report(1.0), "first run", page)
    markdown.write("two", report(1.01), "other bench", page)
    markdown.write("one", report(2.0), "second run", page)
    text = page.read_text()
    assert text.startswith("# Benchmarks")
    assert "first run" not in text
    assert text.index("second run") < text.index("other bench")
    assert "| S3 calls a file | at most 1.05 | 2.00 | **no** |" in text
    assert "| S3 calls a file | at most 1.05 | 1.01 | yes |" in text
