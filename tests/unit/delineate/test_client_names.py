"""A name from elsewhere becomes a plain file in the folder, whatever it is."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delineate.download.names import LONGEST_BYTES, safe_name, with_id


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("/absolute.zip", "absolute.zip"),
        ("..", "70000"),
        ("", "70000"),
        (None, "70000"),
        ("folder/", "70000"),
        (".bashrc", "bashrc"),
        ("a\x1b[31m\n.zip", "a_[31m_.zip"),
        ('a<b>:"|?*.zip', "a_b______.zip"),
        ("CON.txt", "_CON.txt"),
        ("half.part", "half.part_"),
        ("Überblick 2.zip", "Überblick 2.zip"),
        ("x" * 300 + ".zip", "x" * 196 + ".zip"),
    ],
)
def test_safe_names(told: str | None, name: str) -> None:
    assert safe_name(told, 70000) == name


@given(st.text(max_size=400))
def test_no_name_leaves_the_folder(told: str) -> None:
    name = safe_name(told, 70000)
    assert Path("out", name).parent == Path("out")
    assert name not in (".", "..")
    assert not name.startswith(".")
    assert 0 < len(name.encode()) <= LONGEST_BYTES


@given(st.text(max_size=400))
def test_a_safe_name_is_safe_already(told: str) -> None:
    name = safe_name(told, 70000)
    assert safe_name(name, 70000) == name


def test_names_told_apart_keep_their_suffix() -> None:
    assert with_id("report.pdf", 70000) == "report-70000.pdf"
    assert with_id("report.pdf", 70000, again=2) == "report-70000-2.pdf"
