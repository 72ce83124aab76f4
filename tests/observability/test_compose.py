"""The Compose file is valid by the specification, and as careful as its README says."""

import re
import subprocess
import sys
from typing import Any

import pytest

from tests.observability.sample import SAMPLE, read

COMPOSE = read(SAMPLE / "compose.yaml")
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
# Those that end by themselves, and the one whose image has nothing a check could run.
WITHOUT_CHECK = {"elastic-setup", "kibana-setup", "otel-collector"}
each_service = pytest.mark.parametrize(("name", "service"), SERVICES.items(), ids=SERVICES)


def test_the_specification_takes_it() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run(
        [*command, SAMPLE / "compose.yaml"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_everything_asked_for_is_there() -> None:
    watched = {"prometheus", "alertmanager", "grafana", "otel-collector", "jaeger"}
    elastic = {"elasticsearch", "elastic-setup", "kibana", "kibana-setup", "filebeat"}
    by_profile = {name: service["profiles"] for name, service in SERVICES.items() if "profiles" in service}
    assert by_profile == {"loki": ["loki"], "alloy": ["loki"]}
    assert SERVICES.keys() - by_profile.keys() == watched | elastic


@each_service
def test_an_image_is_pinned(name: str, service: dict[str, Any]) -> None:
    assert re.fullmatch(r"[\w./-]+:v?\d+\.\d+\.\d+", service["image"])


def test_the_elastic_stack_has_one_version() -> None:
    tags = {
        service["image"].rpartition(":")[2]
        for service in SERVICES.values()
        if "elastic.co" in service["image"]
    }
    assert len(tags) == 1


@each_service
def test_a_service_runs_with_little_power(name: str, service: dict[str, Any]) -> None:
    assert service["user"].partition(":")[0] not in {"", "0", "root"}
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]


@each_service
def test_ports_are_on_loopback(name: str, service: dict[str, Any]) -> None:
    assert [port for port in service.get("ports", []) if not port.startswith("127.0.0.1:")] == []


@each_service
def test_a_service_says_whether_it_is_well(name: str, service: dict[str, Any]) -> None:
    assert ("healthcheck" in service) == (name not in WITHOUT_CHECK)


@each_service
def test_a_service_waits_for_what_it_needs(name: str, service: dict[str, Any]) -> None:
    for other, wait in service.get("depends_on", {}).items():
        check = wait["condition"] == "service_healthy"
        assert ("healthcheck" in SERVICES[other]) == check
        assert check or SERVICES[other]["restart"] == "no"


@each_service
def test_what_is_mounted_exists_and_cannot_be_written(name: str, service: dict[str, Any]) -> None:
    for mount in service.get("volumes", []):
        source = mount.partition(":")[0]
        if source.startswith("./"):
            assert (SAMPLE / source).exists()
            assert mount.endswith(":ro")
        elif not source.startswith("$"):
            assert source in COMPOSE["volumes"]


def test_no_password_is_committed_and_none_has_a_default() -> None:
    needed = set(re.findall(r"\$\{(\w+):\?", (SAMPLE / "compose.yaml").read_text()))
    assert re.findall(r"\$\{\w+:?-", (SAMPLE / "compose.yaml").read_text()) == []
    lines = [line for line in (SAMPLE / "env.sample").read_text().splitlines() if line and line[0] != "#"]
    sample = dict(line.split("=", 1) for line in lines)
    assert sample.keys() == needed
    assert {name for name, value in sample.items() if value} == {"LOGS_DIR"}
    for name, service in SERVICES.items():
        secret = {key: str(value) for key, value in service.get("environment", {}).items()}
        hard = [key for key, value in secret.items() if re.search("PASSWORD|KEY", key) and value[:2] != "${"]
        assert hard == [], name


def test_what_is_secret_is_ignored_by_git() -> None:
    for path in (".env", "secrets/metrics-token", "logs/a.json"):
        done = subprocess.run(["git", "check-ignore", "-q", SAMPLE / path], cwd=SAMPLE, check=False)
        assert done.returncode == 0, path


@pytest.mark.parametrize(
    "path", sorted(SAMPLE.rglob("*.yml")), ids=lambda path: str(path.relative_to(SAMPLE))
)
def test_addresses_between_the_services_are_those_of_services(path: Any) -> None:
    text = re.sub(r"#.*", "", path.read_text())
    hosts = set(re.findall(r"(?:https?://|endpoint: |[\"'])([a-z][a-z-]+):\d{4,5}", text))
    assert hosts <= {*SERVICES, "localhost"} | {"host.docker.internal"}
