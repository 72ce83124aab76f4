"""Every alert fires when it should, and only then: promtool on the files as they are shipped."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.observability.exposition import NAMES, metric_of
from tests.observability.sample import (
    PROMETHEUS,
    RULE_FILES,
    RULE_TESTS,
    SAMPLE,
    alerts,
    metrics_in,
    read,
)
from tests.runbook import anchors, named

ALERTS = alerts()
NAMED = [alert["alert"] for alert in ALERTS]


def tool(*command: str | Path, folder: Path = SAMPLE) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)


def checks(alert: str) -> list[dict[str, Any]]:
    """What promtool's test files say about one alert."""
    blocks = [block for path in RULE_TESTS for block in read(path)["tests"]]
    tests = [test for block in blocks for test in block["promql_expr_test"]]
    return [test for test in tests if f'alertname="{alert}"' in test["expr"]]


def test_the_rules_are_valid() -> None:
    done = tool("promtool", "check", "rules", "--lint=all", "--lint-fatal", *RULE_FILES)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_configuration_is_valid_with_its_token(tmp_path: Path) -> None:
    config = (PROMETHEUS / "prometheus.yml").read_text()
    for name in ("rules", "targets"):
        (tmp_path / name).symlink_to(PROMETHEUS / name)
    (tmp_path / "prometheus.yml").write_text(config)
    command = ("promtool", "check", "config", "--lint=all", "--lint-fatal", "prometheus.yml")
    missing = tool(*command, folder=tmp_path)
    assert missing.returncode != 0, "the token's file was not looked at"
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "metrics-token").write_text("token")
    done = tool(*command, folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "rules found" in done.stdout


def test_alertmanager_takes_its_configuration() -> None:
    done = tool("amtool", "check-config", "alertmanager/alertmanager.yml")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("severity", "receiver"), [("critical", "pager"), ("warning", "chat"), ("unheard of", "chat")]
)
def test_who_is_told(severity: str, receiver: str) -> None:
    config = "--config.file=alertmanager/alertmanager.yml"
    done = tool("amtool", "config", "routes", "test", config, f"severity={severity}")
    assert done.stdout.strip() == receiver, done.stderr


@pytest.mark.parametrize("path", RULE_TESTS, ids=lambda path: path.stem)
def test_alerts_fire_when_they_should(path: Path) -> None:
    done = tool("promtool", "test", "rules", path.name, folder=path.parent)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("alert", NAMED)
def test_an_alert_is_shown_firing_and_silent(alert: str) -> None:
    shown = checks(alert)
    assert [test for test in shown if test["exp_samples"]], "never shown firing"
    assert [test for test in shown if not test["exp_samples"]], "never shown silent"


@pytest.mark.parametrize("always", [True, False], ids=["always fires", "never fires"])
@pytest.mark.parametrize("alert", NAMED)
def test_a_broken_rule_is_found(alert: str, always: bool, tmp_path: Path) -> None:
    """Proves the tests: no alert can be replaced by one that fires for everybody, or for nobody."""
    source = next(path for path in RULE_FILES if alert in path.read_text())
    rules, tests = read(source), read(Path(__file__).parent / "rules" / f"{source.stem}_test.yml")
    for rule in (rule for group in rules["groups"] for rule in group["rules"] if rule["alert"] == alert):
        broken = 'label_replace(vector(1), "stage", "well", "", "")' if always else "vector(1) > 1"
        rule["expr"] = broken
    tests["rule_files"] = ["broken.yml"]
    tests["tests"] = [block for block in tests["tests"] if block["name"] == alert]
    (tmp_path / "broken.yml").write_text(yaml.safe_dump(rules))
    (tmp_path / "test.yml").write_text(yaml.safe_dump(tests))
    assert tool("promtool", "test", "rules", "test.yml", folder=tmp_path).returncode == 1


@pytest.mark.parametrize("rule", ALERTS, ids=NAMED)
def test_an_alert_says_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert {"summary", "description", "runbook_url"} <= rule["annotations"].keys()
    (anchor,) = named(rule["annotations"]["runbook_url"])
    assert anchor in anchors()


@pytest.mark.parametrize("rule", ALERTS, ids=NAMED)
def test_an_alert_asks_for_metrics_that_exist(rule: dict[str, Any]) -> None:
    assert {metric_of(name) for name in metrics_in(rule["expr"])} <= NAMES


def test_the_readme_names_every_alert() -> None:
    text = (SAMPLE / "README.md").read_text()
    assert [name for name in NAMED if not re.search(rf"\b{name}\b", text)] == []
    assert f"[{len(NAMED)} alert rules]" in text


def test_the_four_alerts_of_the_issue_are_there_once() -> None:
    assert {"HighJobFailureRate", "QueueBacklog", "WorkerDown", "HighErrorRate"} <= set(NAMED)
    assert len(set(NAMED)) == len(NAMED)
