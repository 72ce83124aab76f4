"""The keys that sign webhooks, in Secrets Manager: ``{"current": "…", "previous": "…"}``."""

import json
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from downloads.errors import KeysUnavailableError
from downloads.signing import key_of

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

# Seconds for which a value is used without asking: a new key signs five minutes after it was stored.
CACHED_S = 300


class SecretKeys:
    """The Keys port. ``clock`` is monotonic, in seconds."""

    def __init__(
        self, client: "SecretsManagerClient", secret_id: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._secret_id = secret_id
        self._clock = clock
        self._known: Sequence[bytes] = ()
        self._until = 0.0

    def live(self) -> Sequence[bytes]:
        if not self._known or self._clock() >= self._until:
            self._known = self._read()
            self._until = self._clock() + CACHED_S
        return self._known

    def _read(self) -> Sequence[bytes]:
        try:
            text = self._client.get_secret_value(SecretId=self._secret_id).get("SecretString", "")
        except (ClientError, BotoCoreError) as error:
            raise KeysUnavailableError(self._secret_id) from error
        try:
            secrets = json.loads(text)
            previous = [secrets["previous"]] if "previous" in secrets else []
            return [key_of(secret) for secret in (secrets["current"], *previous)]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            # Without its cause: an error of JSON holds the text, and that would be logged.
            raise KeysUnavailableError(f"{self._secret_id}: {type(error).__name__}") from None
