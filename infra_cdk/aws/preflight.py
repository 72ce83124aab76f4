"""What must be so before a deployment can go well; each check is one line, none changes anything."""

from collections.abc import Sequence

from botocore.exceptions import NoRegionError

from infra_cdk.aws.account import FAULTS, Check, ClientOf, Verdict, code_of, said
from infra_cdk.aws.quotas import quotas
from infra_cdk.config import Config

BOOTSTRAP_PARAMETER = "/cdk-bootstrap/hnb659fds/version"
"""Of the CDK's default qualifier: the template asks CloudFormation for the same one."""

BOOTSTRAP_VERSION = 6
"""The least that the templates take (`Rules.CheckBootstrapVersion`)."""

SIGN_IN = "Sign in (aws sso login), or set AWS_PROFILE or the AWS_… variables of a role."
BOOTSTRAP = "Run `infra_cdk/node_modules/.bin/cdk bootstrap` {} in this account and region."
REGION = "Set AWS_REGION, or a profile with a region: every later step happens there."
MISSING = frozenset({"404", "NoSuchBucket", "NotFound"})


def preflight(config: Config, client_of: ClientOf) -> list[Check]:
    """All checks in order; those after a missing account are left out, for they could say nothing."""
    account = check_account(client_of)
    if account.verdict is not Verdict.OK:
        return [account]
    return [account, check_bootstrap(client_of), check_bucket(config, client_of), *quotas(config, client_of)]


def passes(checks: Sequence[Check]) -> bool:
    """Whether nothing failed; a quota that is tight, and what could not be read, stop no deployment."""
    return all(check.verdict is not Verdict.FAIL for check in checks)


def check_account(client_of: ClientOf) -> Check:
    """Whose account it is, and in which region the stack will be."""
    name = "account and region"
    try:
        client = client_of("sts")
        caller = client.get_caller_identity()
    except NoRegionError as fault:
        return Check(name, Verdict.FAIL, said(fault), REGION)
    except FAULTS as fault:
        return Check(name, Verdict.FAIL, said(fault), SIGN_IN)
    return Check(name, Verdict.OK, f"{caller['Account']} in {client.meta.region_name}, as {caller['Arn']}")


def check_bootstrap(client_of: ClientOf) -> Check:
    """The bucket and the roles that every CDK deployment needs, as `cdk bootstrap` makes them."""
    name = "CDK bootstrap"
    try:
        told = client_of("ssm").get_parameter(Name=BOOTSTRAP_PARAMETER)["Parameter"]["Value"]
    except FAULTS as fault:
        if code_of(fault) == "ParameterNotFound":
            return Check(name, Verdict.FAIL, "it has not been run here", BOOTSTRAP.format("once"))
        remedy = f"Reading it takes ssm:GetParameter on {BOOTSTRAP_PARAMETER}."
        return Check(name, Verdict.UNKNOWN, said(fault), remedy)
    if int(told) < BOOTSTRAP_VERSION:
        found = f"version {told}, and {BOOTSTRAP_VERSION} is needed"
        return Check(name, Verdict.FAIL, found, BOOTSTRAP.format("again"))
    return Check(name, Verdict.OK, f"version {told}")


def check_bucket(config: Config, client_of: ClientOf) -> Check:
    """Whether the files' bucket answers, and lies where the functions will run."""
    name = "files' bucket"
    if not config.bucket_name:
        return Check(name, Verdict.OK, "the stack has one of its own")
    server = {
        "endpoint_url": config.s3_endpoint_url,
        "region_name": config.s3_region,
        "aws_access_key_id": config.s3_access_key_id,
        "aws_secret_access_key": config.s3_secret_access_key,
    }
    elsewhere = config.s3_endpoint_url is not None
    try:
        client = client_of("s3", **(server if elsewhere else {}))
        reply = client.head_bucket(Bucket=config.bucket_name)
    except FAULTS as fault:
        return _no_bucket(name, config, fault)
    here, there = client.meta.region_name, reply.get("BucketRegion")
    if not elsewhere and there and there != (config.s3_region or here):
        remedy = f"Deploy to {there}, name a bucket in {here}, or set S3_REGION; bytes that cross cost."
        return Check(name, Verdict.FAIL, f"{config.bucket_name} lies in {there}, not in {here}", remedy)
    return Check(name, Verdict.OK, f"{config.bucket_name} answers")


def _no_bucket(name: str, config: Config, fault: Exception) -> Check:
    if code_of(fault) in MISSING:
        remedy = "Make it, correct BUCKET_NAME, or leave BUCKET_NAME out: then the stack makes one."
        return Check(name, Verdict.FAIL, f"there is no bucket {config.bucket_name}", remedy)
    if code_of(fault) in {"403", "AccessDenied", "Forbidden"}:
        # Whoever deploys need not be who reads: the functions have roles of their own.
        remedy = "Its policy must let the functions' roles in; a HEAD by you takes s3:ListBucket."
        return Check(name, Verdict.UNKNOWN, f"{config.bucket_name} refuses you", remedy)
    remedy = "Correct BUCKET_NAME and S3_ENDPOINT_URL; the functions must reach it too."
    return Check(name, Verdict.FAIL, said(fault), remedy)
