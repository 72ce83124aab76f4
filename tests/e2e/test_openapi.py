"""schemathesis against the deployed stack: whatever is sent, the answer is one that the document has.

Every operation, with data that fit and data that do not, and the document's links from call to call;
seeded, so that a run repeats. More of it: `pytest tests/e2e/test_openapi.py --examples 500`.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import Service

ROOT = Path(__file__).parents[2]
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
)


def test_every_answer_is_documented_and_none_is_a_500(
    service: Service, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    url = service.cloud.outputs["ApiUrl"]
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        "run",
        f"{url}/openapi.json",
        "--url",
        url,
    ]
    command += ["--checks", ",".join(CHECKS), "--max-examples", str(pytestconfig.getoption("--examples"))]
    command += ["--generation-deterministic", "--no-color", "-H", f"Authorization: Bearer {service.token}"]
    hooks = {"PYTHONPATH": str(ROOT), "SCHEMATHESIS_HOOKS": "tests.e2e.schemathesis_hooks"}
    run = subprocess.run(
        command, cwd=tmp_path, env=os.environ | hooks, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    for phase in ("Coverage", "Fuzzing", "Stateful"):
        assert f"✅ {phase}" in run.stdout, run.stdout
