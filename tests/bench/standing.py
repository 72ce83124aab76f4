"""What the stack costs in a month in which nobody asks for anything: counted in its own template."""

import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aws_cdk import App
from aws_cdk.assertions import Template

from infra_cdk import app as cdk_app
from infra_cdk import layers
from infra_cdk.config import Config
from infra_cdk.function import Assets
from infra_cdk.prices import list_prices
from tests.bench.bill import GIGABYTE, Bill, gb_seconds
from tests.bench.cloud.events import EVENTS
from tests.bench.cloud.functions import Functions
from tests.bench.cloud.stand_in import StandIn
from tests.bench.cloud.table import Table
from tests.bench.durations import durations

HOURS, MINUTES = 730, 43_800
# "Configuring scaling behavior for SQS event source mappings" of Lambda's guide: five at the least where a
# maximum concurrency is set; each asks again after SQS's longest wait of 20 s.
IDLE_POLLERS, IDLE_POLLS_A_MINUTE = 5, 3
BY_THE_MINUTE = ("sweep_jobs", "close_connections")


def standing_bill(stage: str, config: Config) -> Bill:
    """Dollars a month, before the first job; metrics of jobs apart."""
    return priced(_template(stage), config)


def priced(template: Mapping[str, Any], config: Config) -> Bill:
    prices = list_prices()
    counted, runs = _resources(template), _minutes(config)
    polls = counted["queue mappings"] * IDLE_POLLERS * IDLE_POLLS_A_MINUTE * MINUTES
    return {
        "CloudWatch alarms": counted["alarm metrics"] * prices.month["alarm"],
        "CloudWatch dashboard": counted["dashboards"] * prices.month["dashboard"],
        "CloudWatch metrics of what runs every minute": runs["series"] * prices.month["metric"],
        "SQS, polls of empty queues": polls * prices.each("queue_request"),
        "Lambda, pollers of provisioned mode": counted["pollers"] * HOURS * prices.hour["poller"],
        "Functions that run every minute": MINUTES * runs["dollars"],
        "Secrets Manager": counted["secrets"] * prices.month["secret"],
        "KMS": counted["keys"] * prices.month["key"],
    }


def series_in(lines: list[str]) -> set[tuple[str, ...]]:
    """The custom metrics that lines in CloudWatch's embedded format make: a name and its labels each."""
    found = set()
    for line in lines:
        told = json.loads(line) if line.startswith("{") else {}
        for group in told.get("_aws", {}).get("CloudWatchMetrics", []):
            for metric in group["Metrics"]:
                for labels in group["Dimensions"]:
                    found.add((metric["Name"], *(f"{label}={told[label]}" for label in labels)))
    return found


def _minutes(config: Config) -> dict[str, float]:
    """The functions that the clock calls, run once each with nothing to do."""
    cloud = StandIn(Table({"open-jobs": ("open_shard", "check_at")}))
    functions = Functions(cloud, config)
    with functions.ready():
        for name in BY_THE_MINUTE:
            functions.invoke(name, json.loads((EVENTS / f"{name}.json").read_text()))
    prices, dollars = list_prices(), 0.0
    for called, count in cloud.tally.counts.items():
        ms = durations().run_ms({called.operation: count.calls}, 0, config.memory_mb)
        dollars += gb_seconds(ms, config.memory_mb) + count.read_units * prices.each("read_unit")
        dollars += count.write_units * prices.each("write_unit")
    dollars += len(BY_THE_MINUTE) * prices.each("lambda_request")
    dollars += sum(functions.logs.values()) / GIGABYTE * prices.gigabyte["logged"]
    return {"dollars": dollars, "series": len(series_in(functions.lines))}


def _resources(template: Mapping[str, Any]) -> dict[str, int]:
    made = [(one["Type"], one.get("Properties", {})) for one in template["Resources"].values()]
    kinds = [kind for kind, _ in made]
    mappings = [told for kind, told in made if kind == "AWS::Lambda::EventSourceMapping"]
    alarms = [told for kind, told in made if kind == "AWS::CloudWatch::Alarm"]
    return {
        "pollers": sum(
            mapping.get("ProvisionedPollerConfig", {}).get("MinimumPollers", 0) for mapping in mappings
        ),
        "queue mappings": sum("StartingPosition" not in mapping for mapping in mappings),
        # An alarm on an expression is billed by the metrics that it reads.
        "alarm metrics": sum(
            max(1, sum("MetricStat" in each for each in alarm.get("Metrics", []))) for alarm in alarms
        ),
        "dashboards": kinds.count("AWS::CloudWatch::Dashboard"),
        "secrets": kinds.count("AWS::SecretsManager::Secret"),
        "keys": kinds.count("AWS::KMS::Key"),
    }


def _template(stage: str) -> dict[str, Any]:
    context = json.loads((Path(cdk_app.__file__).parent / "cdk.json").read_text())["context"]
    with TemporaryDirectory() as folder:
        app = App(outdir=f"{folder}/cdk.out", context=context)
        config = cdk_app.configure(stage, "aws", "", {})
        layer = Path(folder) / "layer" / "python"
        layer.mkdir(parents=True)
        extras = dict.fromkeys(layers.EXTRAS, layer.parent)
        assets = Assets(cdk_app.FUNCTIONS, layer.parent, layer.parent, extras)
        stack = cdk_app.build(app, config, target="aws", assets=assets)
        template: dict[str, Any] = Template.from_stack(stack).to_json()
    return template
