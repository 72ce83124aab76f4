"""The TypeScript types of the React sample, as `openapi-typescript` makes them from the document."""

import json
import subprocess
from pathlib import Path

from tests.collection.document import published

SAMPLE = Path(__file__).parents[2] / "template-samples" / "react"
COMMITTED = SAMPLE / "src" / "api" / "openapi.d.ts"
SECONDS = 60


def text() -> str:
    """What the file should hold now. Raises CalledProcessError when the document cannot be read."""
    done = subprocess.run(
        ["node_modules/.bin/openapi-typescript"],
        cwd=SAMPLE,
        input=json.dumps(published()),
        capture_output=True,
        text=True,
        check=True,
        timeout=SECONDS,
    )
    return done.stdout
