"""Logs find their place in Elasticsearch and Kibana, and the scripts that prepare it do."""

import io
import json
import logging
import os
import re
import subprocess
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from aws_lambda_powertools import Logger

from tests.observability.sample import SAMPLE, read
from tests.observability.servers import Call, Served, serving

TEMPLATE = json.loads((SAMPLE / "elasticsearch" / "index-template.json").read_text())
FIELDS: dict[str, dict[str, Any]] = TEMPLATE["template"]["mappings"]["properties"]
OBJECTS = [json.loads(line) for line in (SAMPLE / "kibana" / "saved-objects.ndjson").read_text().splitlines()]
PROMISED = {
    *("timestamp", "level", "message", "service", "function", "runId", "requestId", "correlationId"),
    *("traceId", "jobId", "fileId", "userId", "coldStart", "location", "exception"),
}
FITS: dict[str, Callable[[Any], bool]] = {
    # Elasticsearch takes a number for a keyword as well: a status is a word of a job, or HTTP's.
    "keyword": lambda value: (
        isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool))
    ),
    "match_only_text": lambda value: isinstance(value, str),
    "long": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "float": lambda value: isinstance(value, int | float),
    # Elasticsearch reads a list of objects where one is expected.
    "object": lambda value: isinstance(value, dict | list),
    "date": lambda value: bool(datetime.strptime(value, "%Y-%m-%d %H:%M:%S,%f%z")),
}


def unfit(line: dict[str, Any]) -> list[str]:
    """The fields of a log line that the template does not know, or has another type for."""
    return [
        name for name, value in line.items() if name not in FIELDS or not FITS[FIELDS[name]["type"]](value)
    ]


@pytest.fixture(scope="module")
def line() -> dict[str, Any]:
    """What the service's own logger writes, with all that a line can have."""
    out = io.StringIO()
    logger = Logger(service="downloads-line", utc=True, logger_handler=logging.StreamHandler(out))
    run = SimpleNamespace(function_name="process_file", aws_request_id="run")
    logger.append_keys(function=run.function_name, runId=run.aws_request_id, coldStart=True)
    ids = {name: name for name in ("requestId", "correlationId", "traceId", "jobId", "userId")}
    logger.warning("fault", extra={**ids, "fileId": 70000}, exc_info=ValueError("broken"))
    written: dict[str, Any] = json.loads(out.getvalue())
    return written


def test_the_template_has_a_place_for_every_field_of_a_line(line: dict[str, Any]) -> None:
    assert set(line) >= PROMISED
    assert unfit(line) == []


@pytest.mark.parametrize(
    "wrong", [{"fileId": "70000"}, {"coldStart": "yes"}, {"jobId": True}, {"unheardOf": "x"}], ids=str
)
def test_a_line_of_another_shape_would_be_noticed(line: dict[str, Any], wrong: dict[str, Any]) -> None:
    assert unfit({**line, **wrong}) == list(wrong)


def test_the_parts_name_one_another() -> None:
    beat = read(SAMPLE / "filebeat" / "filebeat.yml")
    output = beat["output.elasticsearch"]
    assert re.fullmatch(TEMPLATE["index_patterns"][0].replace("*", ".*"), output["index"])
    assert "data_stream" in TEMPLATE
    asked = (SAMPLE / "elasticsearch" / "setup.sh").read_text()
    assert f"/_ingest/pipeline/{output['pipeline']} " in asked
    assert f"/_ilm/policy/{TEMPLATE['template']['settings']['index.lifecycle.name']} " in asked


def test_the_time_of_a_line_is_read_as_the_service_writes_it() -> None:
    pipeline = json.loads((SAMPLE / "elasticsearch" / "pipeline.json").read_text())
    [date] = [step["date"] for step in pipeline["processors"]]
    assert date["formats"][0] in FIELDS["timestamp"]["format"].split("||")
    assert (date["field"], date["target_field"]) == ("timestamp", "@timestamp")


def test_filebeat_reads_json_lines_and_cloudwatch_when_asked() -> None:
    [files] = read(SAMPLE / "filebeat" / "inputs" / "files.yml")
    [cloudwatch] = read(SAMPLE / "filebeat" / "inputs" / "cloudwatch.yml")
    assert (files["type"], files["enabled"]) == ("filestream", True)
    assert files["parsers"][0]["ndjson"]["target"] == ""
    assert (cloudwatch["type"], cloudwatch["enabled"]) == ("aws-cloudwatch", False)
    assert files["id"] != cloudwatch["id"]


def test_kibanas_objects_refer_to_one_another() -> None:
    there = {(thing["type"], thing["id"]) for thing in OBJECTS}
    assert len(there) == len(OBJECTS)
    for thing in OBJECTS:
        assert {(reference["type"], reference["id"]) for reference in thing["references"]} <= there
        names = {reference["name"].rpartition(":")[2] for reference in thing["references"]}
        wanted = set(
            re.findall(
                r'"(?:indexRefName|panelRefName)\\*": ?\\*"([\w.]+)', json.dumps(thing).replace("\\", "")
            )
        )
        assert wanted == names, thing["id"]
    # Without a version Kibana takes an object for one of Kibana 6, and converts what needs no conversion.
    assert [thing["id"] for thing in OBJECTS if not thing.get("typeMigrationVersion")] == []
    assert {kind for kind, _ in there} == {"index-pattern", "search", "visualization", "dashboard"}


def test_kibana_shows_fields_that_lines_have() -> None:
    for thing in OBJECTS:
        if ("index-pattern", "downloads-logs") in {(r["type"], r["id"]) for r in thing["references"]}:
            aggregations = json.loads(thing["attributes"].get("visState", "{}")).get("aggs", [])
            fields = {step["params"]["field"] for step in aggregations if "field" in step["params"]}
            assert {*fields, *thing["attributes"].get("columns", [])} <= FIELDS.keys()


def run_setup(folder: str, server: Served, variable: str) -> "subprocess.CompletedProcess[str]":
    environment = {
        "PATH": os.environ["PATH"],
        variable: f"http://{server.address}",
        "ELASTIC_PASSWORD": "e",
        "KIBANA_PASSWORD": "k",
    }
    script = SAMPLE / folder / "setup.sh"
    return subprocess.run(
        ["bash", script], env=environment, capture_output=True, text=True, timeout=30, check=False
    )


def test_the_setup_of_elasticsearch_sends_what_is_shipped() -> None:
    with serving(lambda _: (200, '{"acknowledged": true}')) as server:
        done = run_setup("elasticsearch", server, "ELASTICSEARCH_URL")
    assert done.returncode == 0, done.stderr
    sent = {f"{call.method} {call.path}": json.loads(call.body) for call in server.calls}
    assert sent["POST /_security/user/kibana_system/_password"] == {"password": "k"}
    assert sent["PUT /_index_template/downloads-logs"] == TEMPLATE
    assert sent.keys() >= {"PUT /_ingest/pipeline/downloads-logs", "PUT /_ilm/policy/downloads-logs"}
    signed_in = "Basic " + b64encode(b"elastic:e").decode()
    assert {call.headers["authorization"] for call in server.calls} == {signed_in}


def test_the_setup_stops_where_elasticsearch_refuses() -> None:
    def refuses(call: Call) -> tuple[int, str]:
        return (400, "no such processor") if "pipeline" in call.path else (200, "{}")

    with serving(refuses) as server:
        done = run_setup("elasticsearch", server, "ELASTICSEARCH_URL")
    assert done.returncode != 0
    assert "no such processor" in done.stdout
    assert "/_index_template/downloads-logs" not in [call.path for call in server.calls]


@pytest.mark.parametrize(("answer", "well"), [('{"success":true}', True), ('{"success":false}', False)])
def test_the_setup_of_kibana_imports_all_objects(answer: str, well: bool) -> None:
    with serving(lambda _: (200, answer)) as server:
        done = run_setup("kibana", server, "KIBANA_URL")
    assert (done.returncode == 0) == well
    [call] = server.calls
    assert call.path == "/api/saved_objects/_import?overwrite=true"
    assert (SAMPLE / "kibana" / "saved-objects.ndjson").read_bytes() in call.body
