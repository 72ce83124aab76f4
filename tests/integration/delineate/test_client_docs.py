"""docs/python.md: its examples run, as a reader would run them, one after another."""

from pathlib import Path

import pytest
from sybil import Document, Sybil
from sybil.example import Example
from sybil.parsers.markdown import PythonCodeBlockParser

from tests.integration.delineate.fake_service import FakeService

PAGE = Path(__file__).parents[3] / "docs" / "python.md"


@pytest.fixture
def page(service: FakeService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Document:
    monkeypatch.chdir(tmp_path)
    document = Sybil(parsers=[PythonCodeBlockParser()], path=str(PAGE.parent)).parse(PAGE)
    document.namespace.update(API_URL=service.url, TOKEN="a-token")
    return document


def test_every_example_runs(
    service: FakeService, page: Document, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    service.missing = {70007}
    examples: list[Example] = list(page.examples())
    assert len(examples) == 8
    told = []
    for example in examples:
        example.evaluate()
        told.append(capsys.readouterr().out)
    assert "my-files/70014.zip" in told[0]
    assert "70007 NOT_FOUND There is no such file in the bucket." in told[0]
    assert "completed 1 of 2" in told[1]
    assert "1 of 1 files" in told[3]
    assert told[4] == "archives/job.zip\n"
    assert told[5].endswith("completed\nFalse\n")
    assert "(JOB_NOT_FOUND, request req-1)." in told[6]
    assert f"print(fault)  # {told[7]}" in PAGE.read_text()
    assert sorted(path.name for path in (tmp_path / "my-files").glob("*.zip")) == ["70000.zip", "70014.zip"]
