"""The file that keeps sign-ins, one for each address of a service; nobody but its owner can read it."""

import json
import os
import stat
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from pydantic import ConfigDict, TypeAdapter, ValidationError

from delineate.auth.grant import Grant
from delineate.errors import DelineateError
from delineate.exclusive import alone

FILE_VARIABLE = "DELINEATE_CREDENTIALS"
OTHERS = stat.S_IRWXG | stat.S_IRWXO
KEPT = TypeAdapter(dict[str, Grant], config=ConfigDict(hide_input_in_errors=True))


class CredentialsFault(DelineateError):
    """The file cannot be used: others can read it, it is damaged, or the disk does not take it."""

    code = "CREDENTIALS"


def usual_path(environ: Mapping[str, str] = os.environ) -> Path:
    """Where the file is: `$DELINEATE_CREDENTIALS`, else below `$XDG_CONFIG_HOME`, else `~/.config`."""
    if named := environ.get(FILE_VARIABLE):
        return Path(named)
    home = environ.get("XDG_CONFIG_HOME", "")
    # The XDG specification has relative paths ignored.
    below = Path(home) if Path(home).is_absolute() else Path.home() / ".config"
    return below / "delineate" / "credentials.json"


class Credentials:
    """Reads see whole files only, for each change is a new file under the old name.

    Whoever changes something because of what was read holds `locked` around both.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def grant(self, api: str) -> Grant | None:
        """What is kept for this address. Raises `CredentialsFault`."""
        return self._read().get(api)

    def keep(self, api: str, grant: Grant) -> None:
        """Keep a sign-in, in place of an older one. Call it `locked`."""
        self._write(self._read() | {api: grant})

    def forget(self, api: str) -> Grant | None:
        """Keep nothing for this address any more; what was kept is returned. Call it `locked`."""
        kept = self._read()
        forgotten = kept.pop(api, None)
        if forgotten:
            self._write(kept)
        return forgotten

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Alone among all processes of this person; the lock goes with the process that holds it."""
        with _told(self.path):
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = ExitStack()
            lock.enter_context(alone(self.path.with_name(f"{self.path.name}.lock"), mode=0o600))
        with lock:
            yield

    def _read(self) -> dict[str, Grant]:
        with _told(self.path):
            try:
                file = self.path.open("rb")
            except FileNotFoundError:
                return {}
            with file:
                self._refuse_if_open_to_others(os.fstat(file.fileno()))
                content = file.read()
        try:
            return KEPT.validate_json(content)
        except ValidationError:
            raise CredentialsFault(f"{self.path} is damaged: delete it and sign in again.") from None

    def _refuse_if_open_to_others(self, found: os.stat_result) -> None:
        if sys.platform != "win32" and found.st_mode & OTHERS:
            raise CredentialsFault(
                f"Others can read {self.path} (mode {stat.S_IMODE(found.st_mode):04o}): run "
                f"`chmod 600 {self.path}`, and `delineate logout` if somebody may have read it."
            )

    def _write(self, kept: Mapping[str, Grant]) -> None:
        content = json.dumps(
            {api: grant.model_dump(exclude_none=True) for api, grant in kept.items()}, indent=2
        )
        with _told(self.path):
            # Made with mode 0600, under a name that nobody can foresee.
            descriptor, name = tempfile.mkstemp(prefix=f".{self.path.name}.", dir=self.path.parent)
            try:
                with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                    file.write(f"{content}\n")
                    file.flush()
                    os.fsync(descriptor)
                Path(name).replace(self.path)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        raise CredentialsFault(f"{path} cannot be used: {fault.strerror or fault}.") from fault
