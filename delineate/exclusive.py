"""A lock on a file, for one holder at a time among threads and processes; it goes with whoever holds it."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

LOOK_UP_SECONDS = 0.02
if sys.platform == "win32":
    import msvcrt

    # Windows keeps everybody else from reading what is locked: so it is a byte that no file has.
    BEHIND_EVERYTHING = 1 << 30

    def _locked(descriptor: int) -> bool:
        os.lseek(descriptor, BEHIND_EVERYTHING, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _locked(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@contextmanager
def alone(path: Path, pause: Callable[[float], object] = time.sleep, mode: int = 0o666) -> Iterator[None]:
    """Hold the lock on `path`, a file that is made when missing; its holder may delete it.

    `pause` waits so many seconds between tries, and may raise to end the waiting. Raises `OSError` where
    the file cannot be opened or the file system knows no locks.
    """
    while (descriptor := _taken(path, mode)) is None:
        pause(LOOK_UP_SECONDS)
    try:
        yield
    finally:
        os.close(descriptor)


def _taken(path: Path, mode: int) -> int | None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, mode)
    try:
        # Its last holder may have deleted it meanwhile: a lock on that keeps nobody out.
        if _locked(descriptor) and _still_there(descriptor, path):
            return descriptor
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


def _still_there(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
