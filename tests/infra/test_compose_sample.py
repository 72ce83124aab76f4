"""An S3 server of one's own: the Compose file by its specification, the settings of four servers by use."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra_cdk.app import configure
from infra_cdk.overrides import PREFIX, given, misspelt, setting_names

SAMPLE = Path(__file__).parents[2] / "template-samples" / "compose"
COMPOSE: dict[str, Any] = yaml.safe_load((SAMPLE / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
SERVERS = ["aws", "minio", "r2", "rustfs"]
ON_A_LAPTOP = {"minio", "rustfs"}
KEYS = {"DELINEATE_S3_ACCESS_KEY_ID": "key", "DELINEATE_S3_SECRET_ACCESS_KEY": "secret"}


def variables(path: Path) -> dict[str, str]:
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def test_the_specification_takes_it() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*command, SAMPLE / "compose.yaml"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_pinned_and_has_little_power(name: str) -> None:
    service = SERVICES[name]
    assert re.fullmatch(r"[\w./-]+:\d+\.\d+\.\d+", service["image"])
    assert service["user"] == "10001:10001"
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert [port for port in service.get("ports", []) if not port.startswith("127.0.0.1:")] == []


def test_buckets_are_made_once_the_server_is_well() -> None:
    assert "healthcheck" in SERVICES["rustfs"]
    assert SERVICES["buckets"]["depends_on"] == {"rustfs": {"condition": "service_healthy"}}
    assert SERVICES["buckets"]["restart"] == "no"


def test_no_secret_is_committed_and_none_has_a_default() -> None:
    text = (SAMPLE / "compose.yaml").read_text()
    assert re.findall(r"\$\{\w+:?-", text) == []
    sample = variables(SAMPLE / "env.sample")
    assert sample.keys() == set(re.findall(r"\$\{(\w+):\?", text))
    assert {name for name, value in sample.items() if value} == {"PAGE_ORIGINS"}
    for path in (".env", "rustfs.env"):
        ignored = subprocess.run(["git", "check-ignore", "-q", SAMPLE / path], cwd=SAMPLE, check=False)
        assert ignored.returncode == 0, path


@pytest.mark.parametrize("server", sorted(ON_A_LAPTOP))
def test_the_settings_of_a_laptop_are_not_deployed_to_aws(server: str) -> None:
    sample = variables(SAMPLE / f"{server}.env.sample")
    with pytest.raises(ValueError, match=r"S3_ENDPOINT_URL is 'http://.*': on AWS it takes https"):
        configure("prod", "aws", "", given(sample | KEYS, {}))


def test_there_are_settings_for_each() -> None:
    assert sorted(path.name for path in SAMPLE.glob("*.env.sample")) == [
        f"{server}.env.sample" for server in SERVERS
    ]


@pytest.mark.parametrize("server", SERVERS)
def test_the_settings_are_settings_and_fit_together(server: str) -> None:
    sample = variables(SAMPLE / f"{server}.env.sample")
    assert misspelt(sample) == []
    assert {name.removeprefix(PREFIX) for name in sample} <= set(setting_names())
    keys = {name: value for name, value in KEYS.items() if name in sample}
    assert all(sample[name] == "" for name in keys)
    target = "local" if server in ON_A_LAPTOP else "aws"
    config = configure("prod", target, "", given(sample | keys, {}))
    assert bool(config.s3_endpoint_url) == bool(keys) == (server != "aws")
    assert config.bundles
    assert config.restores == (server == "aws")
