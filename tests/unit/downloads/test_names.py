"""Names that any system writes, told apart within a job, and those that the command line client gives."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delineate.download import names as client
from downloads.names import RESERVED, safe_name, told_apart

ODD = st.text(
    st.characters(codec="utf-8", exclude_categories=()) | st.sampled_from("/\\.\"':<>|?* \n\r\t#-=")
)
FEW = st.dictionaries(
    st.integers(1, 40),
    st.sampled_from(["a.zip", "A.zip", "a-1.zip", "a-2.zip", "a-2-1.zip", "é", "e\u0301", "ß", "ss", "b"]),
)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("70000.zip", "70000.zip"),
        ("año 日本.tar.gz", "año 日本.tar.gz"),
        ("../../etc/passwd", "passwd"),
        ("a\\b.zip", "b.zip"),
        ('a"b:c?.zip', "a_b_c_.zip"),
        ("a\r\nb\x1b[2J\u2028\u202e.zip", "a__b_[2J__.zip"),
        ("CON.txt", "_CON.txt"),
        (".bashrc", "bashrc"),
        (" . ", "7"),
        ("..", "7"),
        ("", "7"),
        ("trailing. ", "trailing"),
        ("-", "-"),
    ],
)
def test_a_name_is_made_safe(name: str, safe: str) -> None:
    assert safe_name(name, 7) == safe


@given(ODD)
def test_whatever_the_name_it_is_one_that_any_system_writes(name: str) -> None:
    safe = safe_name(name, 7)
    assert safe.isprintable()
    assert not set(safe) & set('/\\<>:"|?*')
    assert 1 <= len(safe.encode()) <= 200
    assert safe == safe.strip(" ").rstrip(".")
    assert not safe.startswith(".")
    assert not RESERVED.match(safe)
    assert safe_name(safe, 7) == safe


@given(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_ äñ-]{0,30}\.(zip|tar\.gz|pdf)", fullmatch=True))
def test_a_plain_name_is_the_one_that_delineate_get_gives(name: str) -> None:
    assert safe_name(name, 7) == client.safe_name(name, 7)


@given(FEW)
def test_names_are_told_apart_whatever_the_case_and_the_accents(names: dict[int, str]) -> None:
    apart = told_apart(names)
    seen = {unicodedata.normalize("NFD", name).casefold() for name in apart.values()}
    assert len(seen) == len(names)
    assert apart == told_apart(dict(reversed(names.items())))


def test_all_that_share_a_name_get_their_id() -> None:
    assert told_apart({3: "data.bin", 1: "Data.bin", 2: "data-3.bin", 4: "x"}) == {
        1: "Data-1.bin",
        2: "data-3.bin",
        3: "data-3-1.bin",
        4: "x",
    }


def test_a_reserved_name_is_nobodys() -> None:
    assert told_apart({1: "manifest.JSON", 2: "a"}, reserved=("MANIFEST.json",)) == {
        1: "manifest-1.JSON",
        2: "a",
    }
