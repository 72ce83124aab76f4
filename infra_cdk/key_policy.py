"""The policy of the stack's key: who uses it, through which services."""

from aws_cdk import ArnFormat, Aws, Stack
from aws_cdk import aws_iam as iam

from infra_cdk.alarm_topic import CLOUDWATCH, by_our_alarms

SERVICES = ("dynamodb", "sqs", "sns", "secretsmanager", "s3", "logs")
"""The services that use the key on behalf of whoever may use them."""

USE = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]

# The verbs of the KMS guide's key administrators.
ADMINISTER = [
    f"kms:{verb}*"
    for verb in (
        "Create",
        "Describe",
        "Enable",
        "List",
        "Put",
        "Update",
        "Revoke",
        "Disable",
        "Get",
        "Delete",
    )
] + ["kms:TagResource", "kms:UntagResource", "kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion"]


def key_policy(stack: Stack) -> iam.PolicyDocument:
    """What a function's role may do with the key follows from this alone: roles say nothing of KMS."""
    # They may change this policy, and so give themselves more; CloudTrail keeps that.
    administrators = iam.PolicyStatement(
        sid="AccountAdministers", principals=[iam.AccountRootPrincipal()], actions=ADMINISTER, resources=["*"]
    )
    return iam.PolicyDocument(
        statements=[administrators, _callers(stack), _log_groups(stack), _missed_runs(), _alarms(stack)]
    )


def _callers(stack: Stack) -> iam.PolicyStatement:
    """As AWS's managed keys have it: who may use a service here uses the key through it, and not otherwise.

    That is what Lambda does with a function's role when it polls a queue, reads the table's stream or keeps
    a failed run in a queue, and what S3 does with the role that signed a URL, whoever fetches it.
    """
    services = [f"{name}.{stack.region}.{Aws.URL_SUFFIX}" for name in SERVICES]
    return iam.PolicyStatement(
        sid="CallersThroughServices",
        principals=[iam.AnyPrincipal()],
        # CreateGrant is DynamoDB's: it works on indexes and backups when no caller is there.
        actions=[*USE, "kms:CreateGrant"],
        resources=["*"],
        conditions={"StringEquals": {"kms:CallerAccount": Aws.ACCOUNT_ID, "kms:ViaService": services}},
    )


def _log_groups(stack: Stack) -> iam.PolicyStatement:
    """CloudWatch Logs writes as itself, and tells KMS which log group it is for."""
    groups = stack.format_arn(
        service="logs",
        resource="log-group",
        resource_name=f"{stack.stack_name}-*",
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
    return iam.PolicyStatement(
        sid="LogGroups",
        principals=[iam.ServicePrincipal(f"logs.{stack.region}.amazonaws.com")],
        actions=USE,
        resources=["*"],
        conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}},
    )


def _missed_runs() -> iam.PolicyStatement:
    """EventBridge sends what a schedule missed, or S3 told, to a queue as itself.

    It names no source to KMS there, so no condition would hold; each queue's own policy lets in one of our
    rules alone.
    """
    return iam.PolicyStatement(
        sid="MissedRuns",
        principals=[iam.ServicePrincipal("events.amazonaws.com")],
        actions=["kms:Decrypt", "kms:GenerateDataKey*"],
        resources=["*"],
    )


def _alarms(stack: Stack) -> iam.PolicyStatement:
    """CloudWatch publishes to the encrypted topic as itself, and says for which alarm."""
    return iam.PolicyStatement(
        sid="Alarms",
        principals=[iam.ServicePrincipal(CLOUDWATCH)],
        actions=["kms:Decrypt", "kms:GenerateDataKey*"],
        resources=["*"],
        conditions=by_our_alarms(stack),
    )
