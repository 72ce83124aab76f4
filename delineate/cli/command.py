"""Where the `delineate` command starts: Ctrl-C ends it quietly, even while it loads."""

import sys


def main() -> None:
    """Run the command line."""
    try:
        from delineate.cli.app import app  # noqa: PLC0415 # half a second, which a person may not wait for

        app()
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        sys.exit(130)
