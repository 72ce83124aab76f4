"""What the peers need on this machine, looked for before anything is started."""

import shutil

from tests.bench.peers.bullmq import HERE
from tests.bench.peers.processes import PeerError

INSTALL = "`make peers` installs it; without make, apt-get install redis-server nodejs npm, and npm ci in"


def require() -> None:
    """Raises PeerError that names everything that is missing, and how it is installed."""
    missing = [name for name in ("redis-server", "node") if shutil.which(name) is None]
    if not (HERE / "node_modules" / "bullmq").exists():
        missing.append("BullMQ")
    if missing:
        raise PeerError(f"the peers need {', '.join(missing)}: {INSTALL} {HERE}")
