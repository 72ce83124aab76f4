"""Dead letters, the parked queue and the sweeper's schedule."""

from aws_cdk.assertions import Template

from tests.infra.templates import handlers, logical_id, one, resources

QUEUE = "AWS::SQS::Queue"


def test_dead_letters_are_taken_at_once_in_batches_that_may_fail_in_part(dev: Template) -> None:
    queue = {"Fn::GetAtt": [logical_id(dev, QUEUE, "deadletters"), "Arn"]}
    mappings = [found["Properties"] for found in resources(dev, "AWS::Lambda::EventSourceMapping").values()]
    (mapping,) = (each for each in mappings if each["EventSourceArn"] == queue)
    assert (mapping["BatchSize"], mapping["FunctionResponseTypes"]) == (10, ["ReportBatchItemFailures"])
    visibility = one(dev, QUEUE, "deadletters")["VisibilityTimeout"]
    assert visibility >= 6 * handlers(dev)["bury_file"]["Timeout"]


def test_parked_letters_wait_fourteen_days(dev: Template) -> None:
    parked = one(dev, QUEUE, "parked")
    assert parked["MessageRetentionPeriod"] == 14 * 86_400
    assert handlers(dev)["bury_file"]["Environment"]["Variables"]["PARKED_QUEUE_URL"] == {
        "Ref": logical_id(dev, QUEUE, "parked")
    }


def test_the_sweeper_runs_every_minute_and_a_missed_run_is_seen(dev: Template) -> None:
    (rule,) = (found["Properties"] for found in resources(dev, "AWS::Events::Rule").values())
    (target,) = rule["Targets"]
    assert rule["ScheduleExpression"] == "rate(1 minute)"
    assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 300, "MaximumRetryAttempts": 2}
    missed = logical_id(dev, QUEUE, "missedsweeps")
    assert target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": [missed, "Arn"]}}
    assert handlers(dev)["sweep_jobs"]["Timeout"] < 60


def test_a_sweep_that_fails_is_kept_as_a_dead_letter_and_the_next_minute_tries_again(dev: Template) -> None:
    (config,) = (found["Properties"] for found in resources(dev, "AWS::Lambda::EventInvokeConfig").values())
    missed = logical_id(dev, QUEUE, "missedsweeps")
    assert config["DestinationConfig"]["OnFailure"]["Destination"] == {"Fn::GetAtt": [missed, "Arn"]}
    assert (config["MaximumRetryAttempts"], config["MaximumEventAgeInSeconds"]) == (0, 300)


def test_open_jobs_are_found_by_a_sparse_index(dev: Template) -> None:
    (index,) = one(dev, "AWS::DynamoDB::Table", "table")["GlobalSecondaryIndexes"]
    assert index["IndexName"] == "open-jobs"
    assert [key["AttributeName"] for key in index["KeySchema"]] == ["open_shard", "check_at"]
    assert index["Projection"] == {"ProjectionType": "KEYS_ONLY"}
