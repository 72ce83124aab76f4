"""The quotas of an account that this stack meets first, against what its settings ask for.

None stops a deployment: a stack over them works, more slowly, and a new account has to begin somewhere.
"""

from dataclasses import dataclass
from typing import Any

from infra_cdk import mappings, scaling_steps
from infra_cdk.aws.account import FAULTS, Check, ClientOf, Verdict, code_of, said
from infra_cdk.config import Config
from infra_cdk.export import CONNECTIONS
from infra_cdk.scaling_steps import RUNS_A_POLLER
from infra_cdk.webhooks import MOST_AT_ONCE

SHARDS = 4
"""Each with STREAM_PARALLELIZATION runs; a table on demand begins with four (DynamoDB's developer guide)."""

FOR_REQUESTS = 10
"""What is left to the APIs and the schedule at the least, or every caller waits for the workers."""

MORE_CONCURRENCY = (
    "New accounts begin with 10: aws service-quotas request-service-quota-increase --service-code lambda "
    "--quota-code L-B99A9384 --desired-value 1000. Until then functions are throttled when all are busy."
)
MORE_REQUESTS = (
    "Over it callers get 429: aws service-quotas request-service-quota-increase --service-code apigateway "
    "--quota-code L-8A5B8E43 --desired-value NUMBER; or lower API_RATE_LIMIT and WEBSOCKET_RATE_LIMIT."
)
MORE_AT_ONCE = "Over it callers get 429, set by AWS alone: lower API_BURST_LIMIT and WEBSOCKET_BURST_LIMIT."


@dataclass(frozen=True, slots=True)
class Quota:
    """A quota by Service Quotas' own codes, and what the stack takes of it."""

    name: str
    service: str
    code: str
    needed: int
    remedy: str


def workers(config: Config) -> int:
    """Runs that the event source mappings alone may have at once, at the hour when they have most."""
    bundles = config.bundle_concurrency if config.bundles else 0
    history = CONNECTIONS if config.history_secret_arn else 0
    lanes = config.high_concurrency + _normal_lane(config)
    # Those that bury dead letters always, those that finish restores where there are any.
    repairs = mappings.AT_ONCE * (1 + config.restores)
    return lanes + bundles + history + repairs + MOST_AT_ONCE + SHARDS * config.stream_parallelization


def _normal_lane(config: Config) -> int:
    if provisioned := scaling_steps.pollers(config):
        return provisioned.most * RUNS_A_POLLER
    return max([config.normal_concurrency, *(step.value for step in scaling_steps.steps(config))])


def quotas(config: Config, client_of: ClientOf) -> list[Check]:
    """Lambda's concurrency and API Gateway's throttles; both are shared by all of the account's region."""
    rate = config.api_rate_limit + config.websocket_rate_limit
    burst = config.api_burst_limit + config.websocket_burst_limit
    throttles = (
        Quota("API Gateway requests a second", "apigateway", "L-8A5B8E43", rate, MORE_REQUESTS),
        Quota("API Gateway burst", "apigateway", "L-CDF5615A", burst, MORE_AT_ONCE),
    )
    return [check_concurrency(config, client_of), *(_check(quota, client_of) for quota in throttles)]


def check_concurrency(config: Config, client_of: ClientOf) -> Check:
    """Whether the workers, all busy, leave room for requests; nothing of this stack reserves any."""
    name, needed = "Lambda concurrency", workers(config) + FOR_REQUESTS
    try:
        limit = client_of("lambda").get_account_settings()["AccountLimit"]
    except FAULTS as fault:
        return Check(name, Verdict.UNKNOWN, said(fault), "Reading it takes lambda:GetAccountSettings.")
    free = int(limit.get("UnreservedConcurrentExecutions", limit["ConcurrentExecutions"]))
    found = f"{free:,} unreserved, {needed:,} needed with {workers(config):,} workers at once"
    if free >= needed:
        return Check(name, Verdict.OK, found)
    return Check(name, Verdict.WARN, found, MORE_CONCURRENCY)


def _check(quota: Quota, client_of: ClientOf) -> Check:
    try:
        most = _value(client_of("service-quotas"), {"ServiceCode": quota.service, "QuotaCode": quota.code})
    except FAULTS as fault:
        remedy = "Reading it takes servicequotas:GetServiceQuota and GetAWSDefaultServiceQuota."
        return Check(quota.name, Verdict.UNKNOWN, said(fault), remedy)
    found = f"{most:,}, of which this stage may take {quota.needed:,}"
    if most >= quota.needed:
        return Check(quota.name, Verdict.OK, found)
    return Check(quota.name, Verdict.WARN, found, quota.remedy)


def _value(client: Any, quota: dict[str, str]) -> int:
    """The quota that was applied to the account, or AWS's default where none ever was."""
    try:
        told = client.get_service_quota(**quota)
    except FAULTS as fault:
        if code_of(fault) != "NoSuchResourceException":
            raise
        told = client.get_aws_default_service_quota(**quota)
    return int(told["Quota"]["Value"])
