"""GET /metrics: there where it is asked for, and what it takes."""

import json
from string import punctuation

import pytest
from aws_cdk.assertions import Template

from downloads.aws.counters import PARTITIONS, partition
from downloads.metrics import FUNCTIONS
from downloads.setting_parts import names, read
from downloads.settings import ExposeSettings, RunSettings
from infra_cdk.metrics_api import COUNTS
from tests.infra.policies import policy
from tests.infra.templates import handlers, logical_id, one, resources
from tests.infra.test_functions import POWERTOOLS, TRACED, variables

COUNT = f"Allow dynamodb:UpdateItem on table if keys are {COUNTS}"
LETTERS = {
    "dead_letters",
    "parked",
    "undelivered",
    "unbundled",
    "failures",
    "missed_sweeps",
    "missed_closings",
    "untold",
}


def test_nothing_of_it_is_there_unless_asked_for(dev: Template) -> None:
    assert "expose_metrics" not in handlers(dev)
    assert not any("METRICS#" in str(found) for found in resources(dev, "AWS::IAM::Policy").values())
    assert all("KEEP_METRICS" not in variables(dev, name) for name in handlers(dev))


def test_its_settings_are_what_it_reads(scraped: Template) -> None:
    found = variables(scraped, "expose_metrics")
    wanted = {setting.upper() for setting in names(ExposeSettings) | names(RunSettings)}
    assert set(found) == POWERTOOLS | TRACED | wanted
    filled = {name.lower(): value for name, value in found.items()} | {"letter_queues": "{}"}
    assert read(ExposeSettings, filled).max_concurrency == 5


def test_it_names_every_queue_that_should_be_empty(scraped: Template) -> None:
    told = handlers(scraped)["expose_metrics"]["Environment"]["Variables"]["LETTER_QUEUES"]
    text = "".join(part if isinstance(part, str) else "url" for part in told["Fn::Join"][1])
    assert set(json.loads(text)) == LETTERS


def test_it_may_read_counts_levels_and_its_token(scraped: Template) -> None:
    queues = "bundles, dead letters, failures, high, missed closings, missed sweeps, normal, parked"
    allowed = policy(scraped, "expose_metrics")
    assert set(allowed) == {
        COUNT.replace("UpdateItem", "Query, UpdateItem"),
        "Allow dynamodb:Query on table/index/open-jobs",
        "Allow logs:CreateLogStream, PutLogEvents on its logs",
        f"Allow sqs:GetQueueAttributes on {queues}, unbundled, undelivered, untold",
        "Allow secretsmanager:GetSecretValue on metrics api token",
    }


# Of export_history, which is there with a history only, test_history.py says so.
@pytest.mark.parametrize("name", sorted({*FUNCTIONS} - {"expose_metrics", "process_file", "export_history"}))
def test_every_function_may_add_what_it_counts(scraped: Template, name: str) -> None:
    assert COUNT in policy(scraped, name)
    assert variables(scraped, name)["KEEP_METRICS"] == "true"
    assert variables(scraped, name)["CLOUDWATCH_METRICS"] == "false"


def test_the_worker_may_note_its_runs_too(scraped: Template) -> None:
    assert COUNT.replace("UpdateItem", "DeleteItem, PutItem, UpdateItem") in policy(scraped, "process_file")


def test_the_partitions_are_those_of_the_policy() -> None:
    assert all(partition(number).startswith(COUNTS.removesuffix("*")) for number in range(PARTITIONS))


def test_its_packages_are_no_other_functions(scraped: Template) -> None:
    layer = {"Ref": logical_id(scraped, "AWS::Lambda::LayerVersion", "prometheuspackages")}
    having = [name for name, function in handlers(scraped).items() if layer in function["Layers"]]
    assert having == ["expose_metrics"]


def test_its_route_is_open_and_the_token_random(scraped: Template) -> None:
    routes = {
        found["Properties"]["RouteKey"]: found["Properties"]
        for found in resources(scraped, "AWS::ApiGatewayV2::Route").values()
    }
    assert routes["GET /metrics"]["AuthorizationType"] == "NONE"
    token = one(scraped, "AWS::SecretsManager::Secret", "metricsapitoken")
    made = token["GenerateSecretString"]
    # Letters and digits, so that it goes into a header, a file and a shell as it is.
    assert (made["ExcludePunctuation"], made["ExcludeCharacters"]) == (True, punctuation)
    assert made["PasswordLength"] == 48
