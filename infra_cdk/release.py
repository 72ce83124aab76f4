"""Releases: with CANARY, callers use an alias, which CodeDeploy moves to a new version by degrees.

Without, they reach the function itself, and what is deployed serves every call at once.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from aws_cdk import RemovalPolicy
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra_cdk.checks import PACES
from infra_cdk.config import Config
from infra_cdk.nag import acknowledge

if TYPE_CHECKING:
    from infra_cdk.function import ServiceFunction

LIVE = "live"
"""The alias by which a function is called."""

JUDGES = ("errors_alarm", "throttles_alarm", "slow_alarm")
"""A function's own alarms that end its deployment; a letter that lay in a queue before is none of these."""

DESCRIBES = "cloudwatch:DescribeAlarms knows no resource; it reads states, and nothing else."

SNAPPED = {"initiate_job", "jobs_api", "stream_progress"}
"""What begins as a copy of a snapshot, with SNAP_START: the functions that people wait for."""


def live(function: lambda_.Function, config: Config) -> lambda_.IFunction:
    """What is to be called: the alias of the newest version where there is a canary, else the function.

    A snapshot is a version's, too (Lambda's guide, "Improving startup performance with Lambda SnapStart").
    """
    snapped = config.snap_start and function.node.id in SNAPPED
    if snapped:
        _take_snapshots(function)
    if not (config.has_canary or snapped):
        return function
    return lambda_.Alias(function, LIVE, alias_name=LIVE, version=function.current_version)


def kept_versions(config: Config) -> lambda_.VersionOptions | None:
    """With a canary, an older version stays, or there would be none to move an alias back to by hand.

    One that a deployment made, and that its alarms undid, goes: the next deployment of the same code would
    find it there (aws-cdk issue 28252).
    """
    stays = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
    return lambda_.VersionOptions(removal_policy=stays) if config.has_canary else None


def _take_snapshots(function: lambda_.Function) -> None:
    resource = function.node.default_child
    if not isinstance(resource, lambda_.CfnFunction):
        raise TypeError(f"{function.node.path} is no function of CloudFormation's.")
    resource.snap_start = lambda_.CfnFunction.SnapStartProperty(apply_on="PublishedVersions")


class Releases(Construct):
    """One CodeDeploy application; a deployment group a function, judged by its alarms and the service's."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        config: Config,
        functions: Iterable["ServiceFunction"],
        service: Iterable[cloudwatch.IAlarm],
    ) -> None:
        super().__init__(scope, name)
        released = list(functions)
        application = codedeploy.LambdaApplication(
            self, "application", application_name=f"downloads-{config.stage}"
        )
        role = self._role(released)
        pace = getattr(codedeploy.LambdaDeploymentConfig, PACES[config.canary])
        for function in released:
            own = [
                each
                for each in function.node.children
                if isinstance(each, cloudwatch.Alarm) and each.node.id in JUDGES
            ]
            codedeploy.LambdaDeploymentGroup(
                self,
                function.node.id,
                application=application,
                alias=function.live,  # type: ignore[arg-type] # an alias, where there is a canary
                deployment_config=pace,
                alarms=[*own, *service],
                auto_rollback=codedeploy.AutoRollbackConfig(
                    deployment_in_alarm=True, failed_deployment=True, stopped_deployment=True
                ),
                # As it is: the construct would add a managed policy, for every function of the account.
                role=role.without_policy_updates(),
            )

    def _role(self, functions: list["ServiceFunction"]) -> iam.Role:
        role = iam.Role(self, "role", assumed_by=iam.ServicePrincipal("codedeploy.amazonaws.com"))
        arns = [function.function_arn for function in functions]
        # Lambda's list of actions names the function for an alias's; its older policies name the alias.
        aliases = [f"{arn}:{LIVE}" for arn in arns]
        # Three, as in AWS's policy for this (AWSCodeDeployRoleForLambdaLimited): it looks before it moves.
        moving = ["lambda:GetAlias", "lambda:UpdateAlias", "lambda:GetProvisionedConcurrencyConfig"]
        role.add_to_policy(iam.PolicyStatement(actions=moving, resources=[*arns, *aliases]))
        role.add_to_policy(iam.PolicyStatement(actions=["cloudwatch:DescribeAlarms"], resources=["*"]))
        acknowledge(role, "AwsSolutions-IAM5[Resource::*]", DESCRIBES)
        return role
