"""Restores: the bucket's events, the rule that picks those of ours, and what comes of them."""

from datetime import timedelta
from math import ceil

import pytest
from aws_cdk.assertions import Template

from downloads.cold import RestoreRule, Tier
from downloads.usecases.restore import needed_until
from infra_cdk.checks import DAY_SECONDS, RESTORE_TIERS
from infra_cdk.config import for_stage
from tests.conftest import NOW
from tests.infra.templates import handlers, logical_id, one, resources

QUEUE, RULE = "AWS::SQS::Queue", "AWS::Events::Rule"


def test_the_stacks_own_bucket_tells_eventbridge_and_no_function_sets_that(dev: Template) -> None:
    told = one(dev, "AWS::S3::Bucket", "bucket")["NotificationConfiguration"]
    assert told == {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}
    assert not any(kind.startswith("Custom::") for kind in kinds(dev))


def test_the_rule_picks_ended_restores_below_the_prefix_of_the_bucket(dev: Template) -> None:
    rule = one(dev, RULE, "restorecompleted")
    bucket = {"Ref": logical_id(dev, "AWS::S3::Bucket", "bucket")}
    assert rule["EventPattern"] == {
        "source": ["aws.s3"],
        "detail-type": ["Object Restore Completed"],
        "detail": {"bucket": {"name": [bucket]}, "object": {"key": [{"prefix": "downloads/"}]}},
    }
    (target,) = rule["Targets"]
    assert target["Arn"] == arn(dev, "restored")
    assert target["DeadLetterConfig"] == {"Arn": arn(dev, "untold")}


def test_a_bucket_that_was_there_has_the_same_rule(existing: Template) -> None:
    assert one(existing, RULE, "restorecompleted")["EventPattern"]["detail"]["bucket"] == {
        "name": ["our-files"]
    }


def test_an_event_is_told_five_times_and_then_rings(dev: Template) -> None:
    queue = one(dev, QUEUE, "restored")
    assert queue["RedrivePolicy"] == {"deadLetterTargetArn": arn(dev, "untold"), "maxReceiveCount": 5}
    assert queue["VisibilityTimeout"] >= 6 * handlers(dev)["finish_restores"]["Timeout"]
    mappings = [each["Properties"] for each in resources(dev, "AWS::Lambda::EventSourceMapping").values()]
    (mapping,) = (each for each in mappings if each["EventSourceArn"] == arn(dev, "restored"))
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": 10}


def test_where_nothing_is_restored_there_is_nothing_of_it(tuned: Template) -> None:
    assert "finish_restores" not in handlers(tuned)
    assert all("ScheduleExpression" in rule["Properties"] for rule in resources(tuned, RULE).values())
    assert "NotificationConfiguration" not in one(tuned, "AWS::S3::Bucket", "bucket")


@pytest.mark.parametrize("tier", Tier)
def test_what_a_deployment_reckons_with_is_what_its_functions_do(tier: Tier) -> None:
    config = for_stage("dev", restore_tier=tier.value, restore_days=9)
    rule = RestoreRule(
        tier=tier,
        ttl=timedelta(seconds=config.job_ttl_seconds),
        deadline=timedelta(seconds=config.job_deadline_seconds),
    )
    longest = needed_until(tier, rule, NOW) - NOW
    assert timedelta(seconds=config.longest_life_seconds) == longest
    least = ceil(longest / timedelta(seconds=DAY_SECONDS))
    assert for_stage("dev", restore_tier=tier.value, restore_days=least).restore_days == least
    with pytest.raises(ValueError, match="RESTORE_DAYS"):
        for_stage("dev", restore_tier=tier.value, restore_days=least - 1)


def test_the_tiers_are_those_of_the_functions() -> None:
    assert set(RESTORE_TIERS) == {*Tier, "none"}


def kinds(template: Template) -> set[str]:
    return {resource["Type"] for resource in template.to_json()["Resources"].values()}


def arn(template: Template, queue: str) -> dict[str, list[str]]:
    return {"Fn::GetAtt": [logical_id(template, QUEUE, queue), "Arn"]}
