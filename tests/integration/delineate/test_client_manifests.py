"""`delineate links --format`: the service's own bytes, joined from its pages."""

import time
from urllib.parse import parse_qs

import httpx
import pytest
from typer.testing import CliRunner

from delineate.api import Api
from delineate.cli import inspecting
from delineate.cli.app import app
from delineate.cli.manifests import Format, TooLarge, manifest
from delineate.errors import Unreachable
from tests.integration.delineate.fake_service import FakeService

JOB = "7f3e2c1a-5b4d-4e6f-8a90-1b2c3d4e5f60"
PAGES = {None: (b"a,b\r\n1,2\r\n", "two"), "two": (b"a,b\r\n3,4\r\n", None)}


def served(pages: dict[str | None, tuple[bytes, str | None]], media_type: str = "text/plain") -> Api:
    def answer(request: httpx.Request) -> httpx.Response:
        query = parse_qs(request.url.query.decode())
        body, after = pages[query.get("cursor", [None])[0]]
        link = {"link": f'<?format={query["format"][0]}&cursor={after}>; rel="next"'} if after else {}
        return httpx.Response(200, content=body, headers={"content-type": media_type, **link})

    return Api("http://api", httpx.Client(base_url="http://api", transport=httpx.MockTransport(answer)))


@pytest.mark.parametrize(
    ("form", "joined"),
    [
        (Format.CSV, b"a,b\r\n1,2\r\n3,4\r\n"),
        (Format.ARIA2, b"a,b\r\n1,2\r\na,b\r\n3,4\r\n"),
    ],
)
def test_pages_are_joined(form: Format, joined: bytes) -> None:
    assert b"".join(manifest(served(PAGES), JOB, form)) == joined


def test_metalinks_cannot_be_joined() -> None:
    with pytest.raises(TooLarge):
        list(manifest(served(PAGES), JOB, Format.METALINK))
    one: dict[str | None, tuple[bytes, str | None]] = {None: (b"<metalink/>", None)}
    assert list(manifest(served(one), JOB, Format.METALINK)) == [b"<metalink/>"]


def test_a_service_that_knows_no_formats_is_noticed() -> None:
    with pytest.raises(Unreachable):
        list(manifest(served(PAGES, "application/json"), JOB, Format.CSV))


@pytest.mark.parametrize(
    ("args", "code", "lines"),
    [
        (["--format", "table"], 0, 2),
        (["--format", "csv"], 3, 0),
        (["--format", "zip"], 2, 0),
        (["--format", "csv", "--json"], 2, 0),
    ],
)
def test_formats_of_the_command(service: FakeService, args: list[str], code: int, lines: int) -> None:
    """The older service of these tests answers with JSON whatever the format."""
    job = service.create([70000])
    while not job.ended:
        time.sleep(0.01)
    result = CliRunner().invoke(app, ["links", job.id, *args, "--api", service.url], catch_exceptions=False)
    assert (result.exit_code, len(result.stdout.splitlines())) == (code, lines)


def test_on_a_terminal_nothing_controls_it(capsys: pytest.CaptureFixture[str]) -> None:
    pages: dict[str | None, tuple[bytes, str | None]] = {None: (b"a\r\nb\x1b[2J\n", None)}
    inspecting.show_manifest(served(pages), JOB, Format.ARIA2, terminal=True)
    assert capsys.readouterr().out == "a\nb [2J\n"
