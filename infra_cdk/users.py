"""Users of a local cloud's user pool: made when missing, with passwords that its state folder remembers."""

import json
import secrets
from pathlib import Path

from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

PRIVATE = 0o600
"""What only the owner of a file may read."""


def write_private(file: Path, text: str) -> None:
    """Write what is nobody else's business; a file that others could read is replaced, not reused."""
    file.unlink(missing_ok=True)
    file.touch(PRIVATE)
    file.write_text(text)


def new_password() -> str:
    """24 random bytes, safe in a shell; the last four letters are one of each kind a policy asks for."""
    return secrets.token_urlsafe(24) + "aA1-"


class Users:
    """Users by name. `passwords` is a JSON file that only its owner may read."""

    def __init__(
        self, cognito: CognitoIdentityProviderClient, pool_id: str, client_id: str, passwords: Path
    ) -> None:
        self._cognito = cognito
        self._pool_id = pool_id
        self._client_id = client_id
        self._passwords = passwords

    def password(self, name: str) -> str:
        """The password of a user who is there after this."""
        known = json.loads(self._passwords.read_text()) if self._passwords.exists() else {}
        password = str(known.get(name) or new_password())
        if not self._is_there(name):
            self._create(name, password)
        elif name not in known:
            self._set(name, password)
        write_private(self._passwords, json.dumps({**known, name: password}, indent=2))
        return password

    def sign_in(self, name: str) -> str:
        """An access token of a user, who is made when missing."""
        reply = self._cognito.initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=self._client_id,
            AuthParameters={"USERNAME": name, "PASSWORD": self.password(name)},
        )
        return reply["AuthenticationResult"]["AccessToken"]

    def _is_there(self, name: str) -> bool:
        try:
            self._cognito.admin_get_user(UserPoolId=self._pool_id, Username=name)
        except self._cognito.exceptions.UserNotFoundException:
            return False
        return True

    def _create(self, name: str, password: str) -> None:
        self._cognito.admin_create_user(UserPoolId=self._pool_id, Username=name, MessageAction="SUPPRESS")
        self._set(name, password)

    def _set(self, name: str, password: str) -> None:
        self._cognito.admin_set_user_password(
            UserPoolId=self._pool_id, Username=name, Password=password, Permanent=True
        )
