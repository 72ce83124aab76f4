"""Dead letters, the parked queue, and the index that the sweeper looks into."""

from aws_cdk.assertions import Template

from tests.infra.templates import handlers, logical_id, one, resources

QUEUE = "AWS::SQS::Queue"


def test_dead_letters_are_taken_at_once_in_batches_that_may_fail_in_part(dev: Template) -> None:
    queue = {"Fn::GetAtt": [logical_id(dev, QUEUE, "deadletters"), "Arn"]}
    mappings = [found["Properties"] for found in resources(dev, "AWS::Lambda::EventSourceMapping").values()]
    (mapping,) = (each for each in mappings if each["EventSourceArn"] == queue)
    assert (mapping["BatchSize"], mapping["FunctionResponseTypes"]) == (10, ["ReportBatchItemFailures"])
    # However many there are: what requests and lanes have at once is the account's, and they are of it.
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": 10}
    visibility = one(dev, QUEUE, "deadletters")["VisibilityTimeout"]
    assert visibility >= 6 * handlers(dev)["bury_file"]["Timeout"]


def test_parked_letters_wait_fourteen_days(dev: Template) -> None:
    parked = one(dev, QUEUE, "parked")
    assert parked["MessageRetentionPeriod"] == 14 * 86_400
    assert handlers(dev)["bury_file"]["Environment"]["Variables"]["PARKED_QUEUE_URL"] == {
        "Ref": logical_id(dev, QUEUE, "parked")
    }


def test_open_jobs_are_found_by_a_sparse_index(dev: Template) -> None:
    indexes = one(dev, "AWS::DynamoDB::Table", "table")["GlobalSecondaryIndexes"]
    (index,) = (each for each in indexes if each["IndexName"] == "open-jobs")
    assert [key["AttributeName"] for key in index["KeySchema"]] == ["open_shard", "check_at"]
    assert index["Projection"] == {"ProjectionType": "KEYS_ONLY"}
