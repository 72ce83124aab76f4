"""The normal lane in provisioned mode and scaled by the hour: what is deployed, what is refused before."""

import json
from typing import Any

import pytest
from aws_cdk.assertions import Template

from infra_cdk.config import for_stage
from infra_cdk.dashboard_cost import NOTE
from infra_cdk.prices import list_prices
from infra_cdk.scaling_steps import Pollers, Step, pollers, steps
from tests.bench.standing import HOURS, priced
from tests.infra.templates import logical_id, one, resources
from tests.infra.test_processing import MAPPING, mapping_of

SCHEDULE = "AWS::Scheduler::Schedule"


def joined(value: Any) -> str:
    """A text in which CloudFormation puts an id, with that id's name in its place."""
    return "".join(part if isinstance(part, str) else part["Ref"] for part in value["Fn::Join"][1])


def mapping_id(template: Template, lane: str) -> str:
    wanted = mapping_of(template, lane)
    (name,) = (name for name, made in resources(template, MAPPING).items() if made["Properties"] == wanted)
    return name


def test_nothing_is_scheduled_unless_a_setting_says_so(dev: Template) -> None:
    assert resources(dev, SCHEDULE) == {}


def test_provisioned_mode_takes_the_place_of_the_maximum_concurrency(existing: Template) -> None:
    mapping = mapping_of(existing, "normal")
    assert mapping["ProvisionedPollerConfig"] == {"MinimumPollers": 2, "MaximumPollers": 20}
    assert "ScalingConfig" not in mapping
    assert mapping_of(existing, "high")["ScalingConfig"] == {"MaximumConcurrency": 2}


def test_its_pollers_are_in_the_bill_of_a_month(existing: Template, dev: Template) -> None:
    name, price = "Lambda, pollers of provisioned mode", list_prices().hour["poller"]
    bills = [priced(template.to_json(), for_stage("prod")) for template in (existing, dev)]
    assert [bill[name] for bill in bills] == pytest.approx([2 * HOURS * price, 0])
    assert f"NORMAL_POLLERS (${price} an hour each)" in NOTE


def test_each_step_is_a_call_that_changes_the_mapping_of_the_normal_lane(tuned: Template) -> None:
    found = [each["Properties"] for each in resources(tuned, SCHEDULE).values()]
    asked = {each["ScheduleExpression"]: json.loads(joined(each["Target"]["Input"])) for each in found}
    uuid = mapping_id(tuned, "normal")
    assert asked == {
        "cron(30 7 * * ? *)": {"Uuid": uuid, "ScalingConfig": {"MaximumConcurrency": 50}},
        "cron(0 20 * * ? *)": {"Uuid": uuid, "ScalingConfig": {"MaximumConcurrency": 5}},
    }
    assert {each["ScheduleExpressionTimezone"] for each in found} == {"Europe/Vienna"}
    assert {each["Target"]["Arn"]["Fn::Join"][1][-1] for each in found} == {
        ":scheduler:::aws-sdk:lambda:updateEventSourceMapping"
    }


def test_in_provisioned_mode_a_step_changes_the_pollers_at_least(existing: Template) -> None:
    asked = json.loads(joined(one(existing, SCHEDULE, "scaling")["Target"]["Input"]))
    assert asked["ProvisionedPollerConfig"] == {"MinimumPollers": 10, "MaximumPollers": 20}
    assert asked["Uuid"] == mapping_id(existing, "normal")


def test_the_schedules_may_change_that_mapping_and_nothing_else(tuned: Template) -> None:
    role = {"Ref": logical_id(tuned, "AWS::IAM::Role", "scalingrole")}
    made = [each["Properties"] for each in resources(tuned, "AWS::IAM::Policy").values()]
    (policy,) = (each for each in made if role in each["Roles"])
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Action"]) == ("Allow", "lambda:UpdateEventSourceMapping")
    end = statement["Resource"]["Fn::Join"][1][-2:]
    assert end == [":event-source-mapping:", {"Ref": mapping_id(tuned, "normal")}]


def test_a_step_that_is_given_up_rings_and_not_a_try_of_it(tuned: Template) -> None:
    alarm = one(tuned, "AWS::CloudWatch::Alarm", "scalingerrors")
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/Scheduler", "InvocationDroppedCount")


def test_settings_are_read() -> None:
    config = for_stage("dev", normal_pollers=("2", "20"), scale_at=("07:30=10",))
    assert pollers(config) == Pollers(2, 20)
    assert steps(config) == (Step(7, 30, 10),)


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"normal_pollers": ("2",)}, "NORMAL_POLLERS is '2': two numbers"),
        ({"normal_pollers": ("few", "many")}, "NORMAL_POLLERS is 'few,many': two numbers"),
        ({"normal_pollers": ("1", "20")}, "NORMAL_POLLERS is 1,20: Lambda takes 2 to 200"),
        ({"normal_pollers": ("20", "2")}, "NORMAL_POLLERS is 20,2: Lambda takes 2 to 200"),
        ({"scale_at": ("7:30=10",)}, "SCALE_AT holds '7:30=10'"),
        ({"scale_at": ("24:00=10",)}, "SCALE_AT holds '24:00=10'"),
        ({"scale_at": ("07:30=1",)}, "SCALE_AT holds 07:30=1: SQS takes 2 to 1000"),
        ({"scale_at": ("07:30=5", "07:30=6")}, "SCALE_AT names a time twice"),
        ({"scale_at": ("07:30=30",), "normal_pollers": ("2", "20")}, "no more than NORMAL_POLLERS"),
        ({"scale_at": ("07:30=5",), "scale_time_zone": "Vienna"}, "SCALE_TIME_ZONE is 'Vienna'"),
    ],
)
def test_what_lambda_would_refuse_is_refused_here(settings: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        for_stage("dev", **settings)
