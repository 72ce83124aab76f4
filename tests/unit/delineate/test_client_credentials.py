"""The file of sign-ins: who can read it, and what is left when writing it fails."""

import os
from pathlib import Path

import pytest

from delineate.auth.credentials import Credentials, CredentialsFault, usual_path
from delineate.auth.grant import Grant, Issuer
from delineate.auth.tokens import key_of

ISSUER = Issuer(mode="cognito", url="https://cognito.example", client_id="client-1")
API = "https://api.example"


def a_grant(access: str = "access-1") -> Grant:
    return Grant.issued(ISSUER, access, "refresh-1", 3600, 1000)


def keep(credentials: Credentials, api: str = API, grant: Grant | None = None) -> None:
    with credentials.locked():
        credentials.keep(api, grant or a_grant())


@pytest.fixture
def credentials(tmp_path: Path) -> Credentials:
    return Credentials(tmp_path / "config" / "delineate" / "credentials.json")


def test_only_its_owner_can_read_the_file_from_the_start(
    credentials: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes: list[int] = []
    replace = Path.replace

    def looked_at(self: Path, target: Path) -> Path:
        modes.append(self.stat().st_mode & 0o777)
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", looked_at)
    before = os.umask(0)
    try:
        keep(credentials)
    finally:
        os.umask(before)
    folder = credentials.path.parent
    assert modes == [0o600]
    assert credentials.path.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_file_that_others_can_open_is_refused(credentials: Credentials, mode: int) -> None:
    keep(credentials)
    credentials.path.chmod(mode)
    with pytest.raises(CredentialsFault, match=rf"\(mode 0{mode:o}\): run `chmod 600 {credentials.path}`"):
        credentials.grant(API)
    with pytest.raises(CredentialsFault):
        keep(credentials)


def test_sign_ins_are_kept_by_address(credentials: Credentials) -> None:
    keep(credentials)
    keep(credentials, "https://other.example", a_grant("access-2"))
    assert credentials.grant(API) == a_grant()
    with credentials.locked():
        assert credentials.forget(API) == a_grant()
        assert credentials.forget(API) is None
    assert credentials.grant(API) is None
    assert credentials.grant("https://other.example") == a_grant("access-2")


@pytest.mark.parametrize("url", ["https://API.example/", "https://api.example:443", "HTTPS://api.example"])
def test_one_address_has_one_key(url: str) -> None:
    assert key_of(url) == API
    assert key_of("https://api.example/live/") == "https://api.example/live"


@pytest.mark.parametrize("content", ["{", "[]", '{"https://api.example": {"access_token": "access-9"}}'])
def test_a_damaged_file_is_told_and_its_content_is_not(credentials: Credentials, content: str) -> None:
    credentials.path.parent.mkdir(parents=True)
    credentials.path.touch(0o600)
    credentials.path.write_text(content)
    with pytest.raises(CredentialsFault, match="is damaged: delete it and sign in again") as caught:
        credentials.grant(API)
    assert "access-9" not in f"{caught.value} {caught.value.__context__}"


def test_a_write_that_fails_leaves_the_old_file(
    credentials: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(credentials)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CredentialsFault, match="No space left on device"):
        keep(credentials, grant=a_grant("access-2"))
    assert credentials.grant(API) == a_grant()
    assert len(list(credentials.path.parent.iterdir())) == 2


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CredentialsFault, match="cannot be used"):
        keep(Credentials(tmp_path / "file" / "credentials.json"))


def test_where_the_file_is() -> None:
    home = Path.home() / ".config/delineate/credentials.json"
    assert usual_path({}) == home
    assert usual_path({"XDG_CONFIG_HOME": "relative"}) == home
    assert usual_path({"XDG_CONFIG_HOME": "/x"}) == Path("/x/delineate/credentials.json")
    assert usual_path({"XDG_CONFIG_HOME": "/x", "DELINEATE_CREDENTIALS": "/y/z"}) == Path("/y/z")
