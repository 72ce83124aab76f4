"""Scaling: a schedule that changes how many batches the normal lane takes at once, by the hour."""

from collections.abc import Sequence

from aws_cdk import ArnFormat, Duration, Stack, TimeZone
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets
from constructs import Construct

from infra_cdk import scaling_steps
from infra_cdk.config import Config
from infra_cdk.monitoring import alarm_on
from infra_cdk.scaling_steps import Step

UNSCALED = "The normal lane was not scaled as SCALE_AT says: look at the right and the state of its mapping."


class Scaling(Construct):
    """One schedule a step of SCALE_AT, each calling UpdateEventSourceMapping on this one mapping.

    A deployment leaves the mapping as the last step did, unless the template's own value changes.
    """

    def __init__(
        self, scope: Construct, name: str, config: Config, mapping_id: str, steps: Sequence[Step]
    ) -> None:
        super().__init__(scope, name)
        self._group = scheduler.ScheduleGroup(self, "group")
        self._role = iam.Role(self, "role", assumed_by=iam.ServicePrincipal("scheduler.amazonaws.com"))
        for step in steps:
            self._at(step, config, mapping_id)
        self._watch(config)

    def _at(self, step: Step, config: Config, mapping_id: str) -> None:
        asked = {"Uuid": mapping_id, **scaling_steps.change(config, step)}
        target = targets.Universal(
            service="lambda",
            action="updateEventSourceMapping",
            input=scheduler.ScheduleTargetInput.from_text(Stack.of(self).to_json_string(asked)),
            role=self._role,
            # Without, the target would be allowed everything that the action may touch.
            policy_statements=[_right(self, mapping_id)],
            retry_attempts=10,
            max_event_age=Duration.minutes(30),
        )
        scheduler.Schedule(
            self,
            f"at_{step.hour:02}_{step.minute:02}",
            schedule=scheduler.ScheduleExpression.cron(
                hour=str(step.hour),
                minute=str(step.minute),
                time_zone=TimeZone.of(config.scale_time_zone),
            ),
            schedule_group=self._group,
            target=target,
            description=f"The normal lane of stage {config.stage} from now on: {step.value}",
        )

    def _watch(self, config: Config) -> None:
        # Not TargetErrorCount, which a single try that is made again has reach 1.
        dropped = cloudwatch.Metric(
            namespace="AWS/Scheduler",
            metric_name="InvocationDroppedCount",
            dimensions_map={"ScheduleGroup": self._group.schedule_group_name},
            period=Duration.minutes(5),
            statistic="Sum",
        )
        alarm_on(self, "errors", dropped, config, description=UNSCALED, runbook="the-lane-is-not-scaled")


def _right(scope: Construct, mapping_id: str) -> iam.PolicyStatement:
    mapping = Stack.of(scope).format_arn(
        service="lambda",
        resource="event-source-mapping",
        resource_name=mapping_id,
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
    return iam.PolicyStatement(actions=["lambda:UpdateEventSourceMapping"], resources=[mapping])
