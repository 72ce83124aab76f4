"""Every format: what is ready, what failed, what is pending; and what its own readers make of it."""

import csv
import io
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from downloads.file import FileResult, LinkedFile, SignedUrl, StoredObject
from downloads.manifests.entries import Entry
from downloads.manifests.formats import MOST_BYTES, WRITERS, Format, document
from downloads.manifests.table import COLUMNS, FORMULA
from downloads.names import safe_name
from tests.conftest import failed

MD5 = "9e107d9d372bb6826bd81d3542a419d6"
ENDS = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
URL = "https://store.example/a?x=1&y=%22%5B1-9%5D"
SPACE = {"m": "urn:ietf:params:xml:ns:metalink"}
NAMES = st.text(st.characters(codec="utf-8") | st.sampled_from("\"'\\<>&=+-@#{}[];, ")).map(
    lambda name: safe_name(name, 7)
)


def entry(
    file_id: int = 70000, name: str = "70000.zip", md5: bool = True, result: FileResult | None = None
) -> Entry:
    stored = StoredObject(f"downloads/{name}", 42, MD5, md5)
    return Entry(file_id, name, result or LinkedFile(file_id, stored, SignedUrl(URL, ENDS)))


MIXED = [
    entry(),
    entry(70007, "70007.zip", md5=False),
    Entry(70014, "70014.zip", failed(70014)),
    Entry(70021, "70021.zip", None),
]


def written(format_: Format, *entries: Entry) -> str:
    return document(WRITERS[format_], entries)[0]


def test_csv_has_a_row_a_file() -> None:
    rows = list(csv.DictReader(io.StringIO(written(Format.CSV, *MIXED), newline="")))
    assert [(row["file_id"], row["status"]) for row in rows] == [
        ("70000", "completed"),
        ("70007", "completed"),
        ("70014", "failed"),
        ("70021", "pending"),
    ]
    assert (rows[0]["md5"], rows[1]["md5"], rows[0]["size"]) == (MD5, "", "42")
    assert (rows[0]["downloadUrl"], rows[0]["urlExpiresAt"]) == (URL, "2026-11-23T12:30:00Z")
    assert (rows[2]["errorCode"], rows[2]["error"]) == (
        "NOT_FOUND",
        "There is no file with this id in the store.",
    )
    assert not any(rows[3][name] for name in COLUMNS[3:])


@given(NAMES)
def test_a_cell_is_what_was_written_and_never_a_formula(name: str) -> None:
    text = written(Format.CSV, entry(name=name))
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert row["filename"] == (f"'{name}" if name.startswith(FORMULA) else name)
    assert not row["filename"].startswith(FORMULA)
    assert text.endswith("\r\n")


def test_urls_are_bare() -> None:
    assert written(Format.URLS, *MIXED) == f"{URL}\n{URL}\n"


def test_aria2_has_options_below_and_comments_between() -> None:
    assert written(Format.ARIA2, *MIXED) == (
        f"{URL}\n out=70000.zip\n checksum=md5={MD5}\n"
        f"{URL}\n out=70007.zip\n"
        "# 70014 failed NOT_FOUND: There is no file with this id in the store.\n"
        "# 70021 pending\n"
    )


def test_curl_has_pairs_and_comments() -> None:
    assert written(Format.CURL, *MIXED) == (
        "fail\ngloboff\n"
        f'url = "{URL}"\noutput = "70000.zip"\n'
        f'url = "{URL}"\noutput = "70007.zip"\n'
        "# 70014 failed NOT_FOUND: There is no file with this id in the store.\n"
        "# 70021 pending\n"
    )


def test_curl_never_writes_to_standard_output() -> None:
    assert 'output = "./-"\n' in written(Format.CURL, entry(name="-"))


def test_curl_values_are_escaped() -> None:
    assert 'output = "a\\"b\\\\c"\n' in written(Format.CURL, entry(name='a"b\\c'))


@given(NAMES)
def test_a_line_stays_a_line(name: str) -> None:
    for format_, lines in ((Format.ARIA2, 3), (Format.CURL, 4), (Format.URLS, 1)):
        text = written(format_, entry(name=name))
        assert text.endswith("\n")
        assert len(text.splitlines()) == lines


def test_metalink_has_what_is_ready() -> None:
    root = ElementTree.fromstring(written(Format.METALINK, *MIXED))  # noqa: S314 # our own
    assert root.tag == "{urn:ietf:params:xml:ns:metalink}metalink"
    first, second = root.findall("m:file", SPACE)
    assert [each.get("name") for each in (first, second)] == ["70000.zip", "70007.zip"]
    assert {(each.tag.partition("}")[2], each.text) for each in first} == {
        ("size", "42"),
        ("hash", MD5),
        ("url", URL),
    }
    assert first.find("m:hash", SPACE).attrib == {"type": "md5"}  # type: ignore[union-attr] # it is there
    assert second.find("m:hash", SPACE) is None


@given(NAMES)
def test_an_xml_reader_reads_the_name(name: str) -> None:
    root = ElementTree.fromstring(written(Format.METALINK, entry(name=name)))  # noqa: S314 # our own
    assert [file.get("name") for file in root.findall("m:file", SPACE)] == [name]


@pytest.mark.parametrize("format_", WRITERS)
def test_a_document_ends_before_the_limit_and_the_next_goes_on(format_: Format) -> None:
    many = [entry(file_id, f"{file_id}.zip") for file_id in range(70000, 70100)]
    writer, taken = WRITERS[format_], 0
    while taken < len(many):
        text, count = document(writer, many[taken:], 5_000)
        assert count >= 1
        assert len(text) <= 5_000
        assert text == document(writer, many[taken : taken + count])[0]
        taken += count


@pytest.mark.parametrize("format_", WRITERS)
def test_what_is_too_large_for_itself_is_given_all_the_same(format_: Format) -> None:
    assert document(WRITERS[format_], MIXED, 10)[1] == 1
    assert document(WRITERS[format_], [], MOST_BYTES)[1] == 0
