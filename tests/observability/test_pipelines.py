"""Collector, Jaeger, Loki and Alloy cannot be run here: their files are looked at piece by piece."""

import re
from typing import Any

import pytest

from tests.observability.sample import SAMPLE, read

KINDS = ("receivers", "processors", "exporters")
COLLECTOR = SAMPLE / "otel-collector" / "collector.yml"
JAEGER = SAMPLE / "jaeger" / "jaeger.yml"
ALLOY = (SAMPLE / "alloy" / "config.alloy").read_text()
COMPOSE = read(SAMPLE / "compose.yaml")["services"]


@pytest.mark.parametrize("path", [COLLECTOR, JAEGER], ids=["collector", "jaeger"])
def test_pipelines_use_what_is_defined_and_nothing_lies_idle(path: Any) -> None:
    config = read(path)
    for kind in KINDS:
        used = {name for pipeline in config["service"]["pipelines"].values() for name in pipeline[kind]}
        assert used == config[kind].keys(), kind
    assert set(config["service"]["extensions"]) == config["extensions"].keys()


def test_traces_go_to_jaeger_and_to_elasticsearch() -> None:
    config = read(COLLECTOR)
    traces = config["service"]["pipelines"]["traces"]
    assert traces["receivers"] == ["otlp"]
    assert traces["exporters"] == ["otlp/jaeger", "elasticsearch"]
    assert config["exporters"]["otlp/jaeger"]["endpoint"].endswith(
        read(JAEGER)["receivers"]["otlp"]["protocols"]["grpc"]["endpoint"].rpartition(":")[2]
    )


def test_a_pipeline_guards_memory_first_and_batches_last() -> None:
    for pipeline in read(COLLECTOR)["service"]["pipelines"].values():
        assert pipeline["processors"][0] == "memory_limiter"
        assert pipeline["processors"][-1] == "batch"
        assert "attributes/secrets" in pipeline["processors"]


def test_the_collector_takes_otlp_on_the_ports_that_are_published() -> None:
    protocols = read(COLLECTOR)["receivers"]["otlp"]["protocols"].values()
    inside = {protocol["endpoint"].rpartition(":")[2] for protocol in protocols}
    assert {port.rpartition(":")[2] for port in COMPOSE["otel-collector"]["ports"]} == inside


def test_jaeger_stores_where_it_looks() -> None:
    config = read(JAEGER)
    [store] = config["extensions"]["jaeger_storage"]["backends"]
    assert config["extensions"]["jaeger_query"]["storage"]["traces"] == store
    assert config["exporters"]["jaeger_storage_exporter"]["trace_storage"] == store


def test_loki_deletes_what_is_old() -> None:
    config = read(SAMPLE / "loki" / "loki.yml")
    assert config["compactor"]["retention_enabled"] is True
    assert (
        config["compactor"]["delete_request_store"] == config["schema_config"]["configs"][0]["object_store"]
    )
    hours = int(config["limits_config"]["retention_period"].removesuffix("h"))
    index_hours = int(config["schema_config"]["configs"][0]["index"]["period"].removesuffix("h"))
    assert hours % index_hours == 0


def test_alloys_components_are_joined_up() -> None:
    defined = {f"{kind}.{name}" for kind, name in re.findall(r'^([a-z_.]+) "(\w+)" \{', ALLOY, re.MULTILINE)}
    used = set(re.findall(r"\b((?:local|loki)\.[a-z_.]+\.\w+)\.(?:receiver|targets)\b", ALLOY))
    # The first reads files and is used by none.
    assert used == defined - {"loki.source.file.logs"}
    assert ALLOY.count("{") == ALLOY.count("}")
    assert ALLOY.count("[") == ALLOY.count("]")


def test_alloy_makes_streams_of_few_labels() -> None:
    [labels] = re.findall(r"stage\.labels \{\s+values = \{(.*)\}", ALLOY)
    assert set(re.findall(r"(\w+) =", labels)) == {"level", "service", "function"}
