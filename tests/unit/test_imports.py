"""What is slow to import is imported by those who need it, when they need it."""

import subprocess
import sys
from pathlib import Path

import pytest

FUNCTIONS = Path(__file__).parents[2] / "functions"
HANDLERS = sorted(path.stem for path in FUNCTIONS.glob("*.py"))
# Those that answer HTTP, by a router, and of these those that read what a caller sends by its schema.
APIS = {"expose_metrics", "initiate_job", "jobs_api", "stream_progress"}
VALIDATING = {"initiate_job", "jobs_api"}
ROUTER = {"aws_lambda_powertools.event_handler", "aws_lambda_powertools.utilities.data_classes", "jsonschema"}
# Modules beyond boto3's own, with some room: docs/benchmarks.md has the time that they take.
MOST_MODULES, MOST_MODULES_OF_AN_API = 160, 340
SDKS = ("aws_xray_sdk", "opentelemetry", "sentry_sdk")
SLOW = ("jwt", "cryptography", *SDKS)
# What brings spans where they go, and what the SDK's layer leaves out.
TELLING = """
from downloads.setting_parts import read
from downloads.trace_settings import TraceSettings
from downloads.tracing import spans_of
for absent in {absent}:
    sys.modules[absent] = None
told = dict(stage="test", tracing="{tracing}", otlp_endpoint="http://127.0.0.1:9")
spans = spans_of(read(TraceSettings, told))
with spans.span("work"):
    pass
spans.flush()
"""


def loaded(program: str) -> set[str]:
    """Which slow packages are there after a program, in an interpreter of its own."""
    code = f"import sys\n{program}\nprint(*[name for name in {SLOW} if name in sys.modules])"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=FUNCTIONS, capture_output=True, text=True, check=True
    )
    return set(run.stdout.split())


@pytest.mark.parametrize("name", HANDLERS)
def test_no_handler_loads_what_few_runs_need(name: str) -> None:
    assert loaded(f"import {name}") == set()


@pytest.mark.parametrize("name", HANDLERS)
def test_garbage_is_collected_again_once_a_function_is_loaded(name: str) -> None:
    code = f"""
import gc
before = gc.get_threshold()
import downloads
loading = gc.get_threshold()
import {name}
print(loading[0] > 100_000, gc.get_threshold() == before, gc.get_freeze_count() > 10_000)
"""
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=FUNCTIONS, capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == ["True"] * 3


@pytest.mark.parametrize("name", HANDLERS)
def test_a_cold_start_loads_what_its_function_needs(name: str) -> None:
    """How long it takes is measured by `make bench-cold_start`: what is loaded decides it."""
    code = f"import sys, boto3\nbefore = set(sys.modules)\nimport {name}\nprint(*set(sys.modules) - before)"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=FUNCTIONS, capture_output=True, text=True, check=True
    )
    modules = set(run.stdout.split())
    assert len(modules) <= (MOST_MODULES_OF_AN_API if name in APIS else MOST_MODULES)
    assert name in APIS or not modules & ROUTER
    assert name in VALIDATING or "pydantic" not in modules


def test_verifying_does() -> None:
    assert loaded("import downloads.web.tokens") == {"jwt", "cryptography"}


@pytest.mark.parametrize(
    ("tracing", "absent", "sdks"),
    [
        ("none", [], set()),
        ("xray", [], {"aws_xray_sdk"}),
        ("otlp", ["google.rpc", "google.api", "grpc"], {"opentelemetry"}),
    ],
)
def test_the_sdk_that_is_on_is_loaded_and_no_other(tracing: str, absent: list[str], sdks: set[str]) -> None:
    assert loaded(TELLING.format(tracing=tracing, absent=absent)) == sdks
