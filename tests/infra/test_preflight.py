"""The preflight: each check's line, on moto where it knows the service, on small stand-ins where not."""

from collections.abc import Iterator, Mapping
from typing import Any

import boto3
import pytest
from aws_cdk.assertions import Template
from botocore.exceptions import ClientError
from moto import mock_aws

from infra_cdk.aws import account, preflight, quotas
from infra_cdk.aws.account import Check, Verdict
from infra_cdk.config import Config, for_stage

REGION = "eu-central-1"
DEV, PROD = for_stage("dev"), for_stage("prod")
NEW_ACCOUNT, GROWN = 10, 1_000


class Lambda:
    """`get_account_settings`, which moto does not know."""

    def __init__(self, free: int) -> None:
        self.free = free

    def get_account_settings(self) -> dict[str, Any]:
        return {"AccountLimit": {"ConcurrentExecutions": 1_000, "UnreservedConcurrentExecutions": self.free}}


class Quotas:
    """Service Quotas: what was applied to the account, and AWS's defaults for the rest."""

    DEFAULTS: Mapping[str, float] = {"L-8A5B8E43": 10_000.0, "L-CDF5615A": 5_000.0}

    def __init__(self, applied: Mapping[str, float]) -> None:
        self.applied = applied

    def get_service_quota(self, ServiceCode: str, QuotaCode: str) -> dict[str, Any]:  # noqa: N803 # boto3's names
        if QuotaCode not in self.applied:
            raise refusal("NoSuchResourceException", "GetServiceQuota")
        return {"Quota": {"Value": self.applied[QuotaCode]}}

    def get_aws_default_service_quota(self, ServiceCode: str, QuotaCode: str) -> dict[str, Any]:  # noqa: N803 # as above
        return {"Quota": {"Value": self.DEFAULTS[QuotaCode]}}


class Refusing:
    """An account whose caller may read nothing."""

    def __getattr__(self, name: str) -> Any:
        def call(**asked: Any) -> None:
            raise refusal("AccessDeniedException", name)

        return call


def refusal(code: str, operation: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, operation)


class Account:
    """Clients by name: moto's, but for the services that are given."""

    def __init__(self, free: int = GROWN, applied: Mapping[str, float] | None = None) -> None:
        self.given: dict[str, Any] = {"lambda": Lambda(free), "service-quotas": Quotas(applied or {})}

    def __call__(self, service: str, **more: Any) -> Any:
        return self.given.get(service) or boto3.client(service, region_name=REGION, **more)  # type: ignore[call-overload] # the stubs know services by literal names


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        yield


def bootstrapped(version: int) -> None:
    parameters = boto3.client("ssm", region_name=REGION)
    parameters.put_parameter(Name=preflight.BOOTSTRAP_PARAMETER, Value=str(version), Type="String")


def bucket(name: str, region: str) -> None:
    place: Any = {"LocationConstraint": region}
    boto3.client("s3", region_name=region).create_bucket(Bucket=name, CreateBucketConfiguration=place)


def with_bucket(**settings: str) -> Config:
    return for_stage("dev", bucket_name="our-files", **settings)


def test_an_account_that_is_ready_passes_every_check(aws: None) -> None:
    bootstrapped(30)
    checks = preflight.preflight(PROD, Account())
    assert [check.verdict for check in checks] == [Verdict.OK] * 6
    assert checks[0].found.startswith(f"123456789012 in {REGION}, as arn:aws:")
    assert preflight.passes(checks)


def test_without_credentials_nothing_else_is_asked() -> None:
    class Nobody:
        meta = None

        def get_caller_identity(self) -> None:
            raise refusal("ExpiredToken", "GetCallerIdentity")

    account = Account()
    account.given["sts"] = Nobody()
    (check,) = preflight.preflight(DEV, account)
    assert (check.verdict, check.remedy) == (Verdict.FAIL, preflight.SIGN_IN)


@pytest.mark.parametrize(
    ("set_", "region"),
    [
        ({"AWS_REGION": "eu-central-1"}, "eu-central-1"),
        ({"AWS_REGION": "eu-central-1", "AWS_DEFAULT_REGION": "us-east-1"}, "eu-central-1"),
        ({"AWS_DEFAULT_REGION": "eu-west-1"}, "eu-west-1"),
        ({"AWS_REGION": "", "AWS_DEFAULT_REGION": "eu-west-1"}, "eu-west-1"),
    ],
)
def test_it_looks_where_the_cdk_command_deploys(
    monkeypatch: pytest.MonkeyPatch, set_: dict[str, str], region: str
) -> None:
    """aws-cdk reads AWS_REGION first (its guide, "Configure environments"); boto3 reads it not at all."""
    for key in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(key, "testing")
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in set_.items():
        monkeypatch.setenv(name, value)
    assert account.aws("sts").meta.region_name == region
    assert account.aws("s3", region_name="auto").meta.region_name == "auto"


def test_without_a_region_it_is_said_how_to_name_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "")
    check = preflight.check_account(lambda _: boto3.session.Session().client("ssm"))
    assert (check.verdict, check.remedy) == (Verdict.FAIL, preflight.REGION)


@pytest.mark.parametrize(
    ("version", "found"), [(None, "it has not been run here"), (5, "version 5, and 6 is needed")]
)
def test_a_missing_or_old_bootstrap_stops_the_deployment(aws: None, version: int | None, found: str) -> None:
    if version:
        bootstrapped(version)
    check = preflight.check_bootstrap(Account())
    assert (check.verdict, check.found) == (Verdict.FAIL, found)
    assert "cdk bootstrap" in check.remedy


def test_the_bootstrap_that_is_asked_for_is_the_templates(dev: Template) -> None:
    (rule,) = dev.to_json()["Rules"]["CheckBootstrapVersion"]["Assertions"]
    too_old = rule["Assert"]["Fn::Not"][0]["Fn::Contains"][0]
    assert max(map(int, too_old)) + 1 == preflight.BOOTSTRAP_VERSION
    assert dev.to_json()["Parameters"]["BootstrapVersion"]["Default"] == preflight.BOOTSTRAP_PARAMETER


def test_a_bucket_of_ours_answers_where_the_functions_will_run(aws: None) -> None:
    bucket("our-files", REGION)
    check = preflight.check_bucket(with_bucket(), Account())
    assert (check.verdict, check.found) == (Verdict.OK, "our-files answers")


def test_a_bucket_in_another_region_stops_the_deployment(aws: None) -> None:
    bucket("our-files", "eu-west-1")
    check = preflight.check_bucket(with_bucket(), Account())
    assert (check.verdict, check.found) == (Verdict.FAIL, f"our-files lies in eu-west-1, not in {REGION}")
    meant = preflight.check_bucket(with_bucket(s3_region="eu-west-1"), Account())
    assert meant.verdict is Verdict.OK


def test_a_bucket_that_is_not_there_stops_the_deployment(aws: None) -> None:
    check = preflight.check_bucket(with_bucket(), Account())
    assert (check.verdict, check.found) == (Verdict.FAIL, "there is no bucket our-files")


def test_a_bucket_that_refuses_who_deploys_may_be_open_to_the_functions() -> None:
    class Closed:
        meta = None

        def head_bucket(self, **asked: Any) -> None:
            raise refusal("403", "HeadBucket")

    account = Account()
    account.given["s3"] = Closed()
    check = preflight.check_bucket(with_bucket(), account)
    assert check.verdict is Verdict.UNKNOWN
    assert preflight.passes([check])


def test_another_s3_server_is_asked_with_the_functions_own_keys() -> None:
    asked: dict[str, Any] = {}

    def client_of(service: str, **more: Any) -> Any:
        asked.update(more)
        raise refusal("SignatureDoesNotMatch", "HeadBucket")

    config = with_bucket(
        s3_endpoint_url="https://s3.example",
        s3_region="auto",
        s3_access_key_id="key",
        s3_secret_access_key="hidden",
    )
    check = preflight.check_bucket(config, client_of)
    assert (asked["endpoint_url"], asked["region_name"]) == ("https://s3.example", "auto")
    assert asked["aws_access_key_id"] == "key"
    assert check.verdict is Verdict.FAIL
    assert "hidden" not in str(check)


def test_a_new_accounts_concurrency_is_too_little() -> None:
    check = quotas.check_concurrency(DEV, Account(NEW_ACCOUNT))
    # Five for files, two for bundles, twenty for webhooks, ten each for dead letters and restores, four for
    # the stream; ten are left to requests.
    assert (check.verdict, check.found) == (Verdict.WARN, "10 unreserved, 61 needed with 51 workers at once")
    assert "L-B99A9384" in check.remedy
    # No setting reaches ten, so nothing of the kind is advised, and a first stage may be deployed.
    assert "MAX_CONCURRENCY" not in check.remedy
    assert preflight.passes([check])


def test_more_workers_need_more_concurrency() -> None:
    many = for_stage("dev", max_concurrency=970)
    assert quotas.check_concurrency(many, Account(GROWN)).verdict is Verdict.WARN
    assert quotas.check_concurrency(DEV, Account(GROWN)).verdict is Verdict.OK


HISTORY = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:history-AbCdEf"


@pytest.mark.parametrize(
    ("settings", "more"),
    [
        ({"scale_at": ("07:30=500", "20:00=5")}, 497),
        ({"scale_at": ("20:00=2",)}, 0),
        ({"normal_pollers": ("5", "100")}, 997),
        ({"normal_pollers": ("5", "100"), "scale_at": ("07:30=50",)}, 997),
        ({"stream_parallelization": 10}, 36),
        ({"restore_tier": "none"}, -10),
        ({"history_secret_arn": HISTORY}, 2),
    ],
)
def test_each_setting_that_has_more_run_at_once_is_counted(settings: dict[str, Any], more: int) -> None:
    assert quotas.workers(for_stage("dev", **settings)) == quotas.workers(DEV) + more


def test_a_lowered_throttle_of_the_account_is_told() -> None:
    checks = {check.name: check for check in quotas.quotas(PROD, Account(applied={"L-8A5B8E43": 1_400.0}))}
    low, default = checks["API Gateway requests a second"], checks["API Gateway burst"]
    assert (low.verdict, low.found) == (Verdict.WARN, "1,400, of which this stage may take 1,500")
    assert (default.verdict, default.found) == (Verdict.OK, "5,000, of which this stage may take 3,000")


def test_what_may_not_be_read_is_said_and_stops_nothing(aws: None) -> None:
    account = Account()
    account.given |= {"lambda": Refusing(), "service-quotas": Refusing(), "ssm": Refusing()}
    checks: list[Check] = preflight.preflight(DEV, account)
    unknown = [check for check in checks if check.verdict is Verdict.UNKNOWN]
    assert len(unknown) == 4
    assert all("Reading it takes" in check.remedy for check in unknown)
    assert preflight.passes(checks)
