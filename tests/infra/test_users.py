"""Users of a local cloud: made once, with passwords that only the owner of the state folder reads."""

import stat
from pathlib import Path
from typing import Any

import pytest

from infra_cdk.cloud import LocalCloud
from infra_cdk.users import Users, new_password, write_private


class UserNotFoundException(Exception):  # noqa: N818 # Cognito's own name
    pass


class FakeCognito:
    """As much of Cognito as making a user and signing in takes."""

    class exceptions:  # noqa: N801 # boto3's own name
        UserNotFoundException = UserNotFoundException

    def __init__(self) -> None:
        self.passwords: dict[str, str | None] = {}

    def admin_get_user(self, **asked: Any) -> None:
        if asked["Username"] not in self.passwords:
            raise UserNotFoundException

    def admin_create_user(self, **asked: Any) -> None:
        assert asked["MessageAction"] == "SUPPRESS"
        assert asked["Username"] not in self.passwords
        self.passwords[asked["Username"]] = None

    def admin_set_user_password(self, **asked: Any) -> None:
        assert asked["Permanent"] is True
        self.passwords[asked["Username"]] = asked["Password"]

    def initiate_auth(self, **asked: Any) -> dict[str, Any]:
        given = asked["AuthParameters"]
        assert self.passwords[given["USERNAME"]] == given["PASSWORD"]
        return {"AuthenticationResult": {"AccessToken": f"token of {given['USERNAME']}"}}


@pytest.fixture
def cognito() -> FakeCognito:
    return FakeCognito()


def users(cognito: Any, folder: Path) -> Users:
    return Users(cognito, "pool", "client", folder / "users.json")


def test_a_user_who_is_missing_is_made_and_signed_in(cognito: FakeCognito, tmp_path: Path) -> None:
    assert users(cognito, tmp_path).sign_in("ann") == "token of ann"
    assert users(cognito, tmp_path).sign_in("ben") == "token of ben"
    assert len(set(cognito.passwords.values())) == 2


def test_a_password_stays_for_as_long_as_the_cloud_does(cognito: FakeCognito, tmp_path: Path) -> None:
    first = users(cognito, tmp_path).password("demo")
    assert users(cognito, tmp_path).password("demo") == first
    assert users(cognito, tmp_path).sign_in("demo") == "token of demo"


def test_a_user_whose_password_nobody_remembers_gets_another(cognito: FakeCognito, tmp_path: Path) -> None:
    cognito.passwords["demo"] = "forgotten"
    assert users(cognito, tmp_path).sign_in("demo") == "token of demo"
    assert cognito.passwords["demo"] != "forgotten"


def test_a_new_pool_gets_the_users_that_the_folder_remembers(cognito: FakeCognito, tmp_path: Path) -> None:
    remembered = users(cognito, tmp_path).password("demo")
    another = FakeCognito()
    assert users(another, tmp_path).sign_in("demo") == "token of demo"
    assert another.passwords["demo"] == remembered


def test_passwords_lie_in_a_file_of_their_owner(cognito: FakeCognito, tmp_path: Path) -> None:
    users(cognito, tmp_path).password("demo")
    assert stat.S_IMODE((tmp_path / "users.json").stat().st_mode) == 0o600


def test_a_file_that_others_could_read_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "env"
    file.write_text("old")
    file.chmod(0o644)
    write_private(file, "new")
    assert (file.read_text(), stat.S_IMODE(file.stat().st_mode)) == ("new", 0o600)


def test_a_password_has_every_kind_of_letter_and_none_that_a_shell_reads() -> None:
    password = new_password()
    assert len(password) > 30
    assert any(letter.islower() for letter in password)
    assert any(letter.isupper() for letter in password)
    assert any(letter.isdigit() for letter in password)
    assert {"-", "_"} & set(password)
    assert all(letter.isalnum() or letter in "-_" for letter in password)
    assert new_password() != password


def test_without_a_pool_nobody_is_signed_in(tmp_path: Path) -> None:
    cloud = LocalCloud(tmp_path)
    assert cloud.users is None
    with pytest.raises(RuntimeError, match="no user pool: AUTH_MODE is none, or OIDC_ISSUER is set"):
        cloud.sign_in("ann")
