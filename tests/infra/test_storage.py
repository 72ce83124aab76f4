"""The table and the bucket, and what becomes of them with their stage."""

import pytest
from aws_cdk.assertions import Match, Template

from tests.infra.templates import handlers, one, resources

TABLE, BUCKET = "AWS::DynamoDB::Table", "AWS::S3::Bucket"


def test_the_table_is_keyed_paid_by_request_streamed_and_forgets(dev: Template) -> None:
    table = one(dev, TABLE, "table")
    assert table["KeySchema"] == [
        {"AttributeName": "PK", "KeyType": "HASH"},
        {"AttributeName": "SK", "KeyType": "RANGE"},
    ]
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


def test_jobs_are_listed_by_owner_newest_last(dev: Template) -> None:
    table = one(dev, TABLE, "table")
    (index,) = (each for each in table["GlobalSecondaryIndexes"] if each["IndexName"] == "owner-jobs")
    assert index["KeySchema"] == [
        {"AttributeName": "owner", "KeyType": "HASH"},
        {"AttributeName": "created_at", "KeyType": "RANGE"},
    ]
    assert {"AttributeName": "created_at", "AttributeType": "N"} in table["AttributeDefinitions"]
    assert {"AttributeName": "owner", "AttributeType": "S"} in table["AttributeDefinitions"]
    assert index["Projection"] == {"ProjectionType": "KEYS_ONLY"}


@pytest.mark.parametrize("deployment", ["dev", "prod", "local"])
def test_every_bucket_is_private_and_refuses_to_talk_without_tls(
    request: pytest.FixtureRequest, deployment: str
) -> None:
    template: Template = request.getfixturevalue(deployment)
    for name, bucket in resources(template, BUCKET).items():
        blocked = bucket["Properties"]["PublicAccessBlockConfiguration"]
        assert blocked == dict.fromkeys(
            ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
        )
        policies = [each["Properties"] for each in resources(template, "AWS::S3::BucketPolicy").values()]
        (policy,) = (each for each in policies if each["Bucket"] == {"Ref": name})
        (refusal,) = (each for each in policy["PolicyDocument"]["Statement"] if each["Effect"] == "Deny")
        assert (refusal["Action"], refusal["Principal"]) == ("s3:*", {"AWS": "*"})
        assert refusal["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


@pytest.mark.parametrize(("deployment", "protected"), [("dev", False), ("prod", True), ("elsewhere", True)])
def test_every_table_can_be_restored_to_any_second_and_in_production_not_be_deleted(
    request: pytest.FixtureRequest, deployment: str, protected: bool
) -> None:
    tables = resources(request.getfixturevalue(deployment), TABLE).values()
    assert tables
    for table in (each["Properties"] for each in tables):
        assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        assert table["DeletionProtectionEnabled"] is protected


def test_the_bucket_is_private_encrypted_and_tls_only(dev: Template) -> None:
    bucket = one(dev, BUCKET, "bucket")
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    rule = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"][0]
    assert rule == {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    refusal = {"Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    policy = {"PolicyDocument": {"Statement": Match.array_with([Match.object_like(refusal)])}}
    dev.has_resource_properties("AWS::S3::BucketPolicy", policy)


def test_parts_of_unfinished_uploads_are_removed(dev: Template) -> None:
    (rule,) = one(dev, BUCKET, "bucket")["LifecycleConfiguration"]["Rules"]
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}
    assert rule["Status"] == "Enabled"


def test_browsers_may_read_ranges_of_files_where_origins_are_configured(
    dev: Template, prod: Template
) -> None:
    (rule,) = one(dev, BUCKET, "bucket")["CorsConfiguration"]["CorsRules"]
    assert rule["AllowedMethods"] == ["GET", "HEAD"]
    assert rule["AllowedOrigins"] == ["*"]
    assert "range" in rule["AllowedHeaders"]
    assert {"ETag", "Content-Range", "Content-Length"} <= set(rule["ExposedHeaders"])
    assert "CorsConfiguration" not in one(prod, BUCKET, "bucket")


@pytest.mark.parametrize(("stage", "policy"), [("dev", "Delete"), ("prod", "Retain")])
@pytest.mark.parametrize("kind", [TABLE, BUCKET, "AWS::Logs::LogGroup"])
def test_data_outlives_its_stack_in_prod_only(
    request: pytest.FixtureRequest, stage: str, policy: str, kind: str
) -> None:
    found = resources(request.getfixturevalue(stage), kind).values()
    assert {(each["DeletionPolicy"], each["UpdateReplacePolicy"]) for each in found} == {(policy, policy)}


def test_an_existing_bucket_is_used_and_none_is_created(existing: Template) -> None:
    assert [name for name in resources(existing, BUCKET) if "archives" not in name] == []
    assert [name for name in resources(existing, "AWS::S3::BucketPolicy") if "archives" not in name] == []
    names = {
        name: handlers(existing)[name]["Environment"]["Variables"] for name in ("jobs_api", "process_file")
    }
    assert {variables["BUCKET_NAME"] for variables in names.values()} == {"our-files"}
    existing.has_output("BucketName", {"Value": "our-files"})
