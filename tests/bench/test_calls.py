"""What a job may call, held by counts: more of anything is a regression, whatever it saves elsewhere."""

import pytest

from infra_cdk.config import for_stage
from tests.bench.bill import bill_of, dollars_a_million
from tests.bench.cloud.play import Played, play

FILES = 100
CONFIG = for_stage("prod")


@pytest.fixture(scope="module")
def played() -> Played:
    return play(FILES, CONFIG)


@pytest.mark.parametrize(
    ("service", "operation", "by", "most"),
    [
        ("s3", "", "", FILES),
        ("sqs", "", "", 30),
        ("dynamodb", "", "process_file", 26),
        ("dynamodb", "TransactWriteItems", "process_file", 10),
        ("dynamodb", "", "publish_progress", 10),
        ("dynamodb", "", "", 53),
        ("apigatewaymanagementapi", "", "", 5),
    ],
)
def test_a_job_of_a_hundred_files_makes_no_more_calls_than_this(
    played: Played, service: str, operation: str, by: str, most: int
) -> None:
    assert 0 < played.cloud.tally.of(service, operation, by).calls <= most


def test_it_uses_no_more_units_than_this(played: Played) -> None:
    used = played.cloud.tally.of("dynamodb")
    assert used.write_units <= 250
    assert used.read_units <= 40


def test_a_million_files_in_such_jobs_cost_no_more_dollars_than_this(played: Played) -> None:
    assert dollars_a_million(bill_of(played, CONFIG), FILES) <= 2.85
