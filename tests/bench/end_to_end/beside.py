"""Two Lambdas of the bench's own beside the service's, behind the same HTTP API and its authorizer."""

import io
import zipfile
from pathlib import Path

from infra_cdk.cloud import LocalCloud
from infra_cdk.deploy import ACCOUNT, REGION
from tests.bench.end_to_end.stack import CONCURRENCY

HERE = Path(__file__).parent / "lambdas"
NOOP, BARE = "noop", "bare"
"""Names, and with a slash before them paths. One does nothing, one what initiate cannot do without."""

BATCH = 10


def deploy(cloud: LocalCloud) -> str:
    """Adds them, and a queue that feeds the no-op; returns the queue's URL."""
    sqs = cloud.client("sqs")
    # What bare sends, nobody takes.
    unread = sqs.create_queue(QueueName=f"{BARE}-unread")["QueueUrl"]
    variables = {"TABLE_NAME": cloud.outputs["TableName"], "QUEUE_URL": unread}
    for name in (NOOP, BARE):
        _open_route(cloud, name, _create(cloud, name, variables))
    queue_url: str = sqs.create_queue(QueueName=NOOP)["QueueUrl"]
    cloud.client("lambda").create_event_source_mapping(
        EventSourceArn=f"arn:aws:sqs:{REGION}:{ACCOUNT}:{NOOP}",
        FunctionName=NOOP,
        BatchSize=BATCH,
        ScalingConfig={"MaximumConcurrency": CONCURRENCY},
    )
    return queue_url


def _create(cloud: LocalCloud, name: str, variables: dict[str, str]) -> str:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(HERE / f"{name}.py", f"{name}.py")
    created = cloud.client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.14",
        Handler=f"{name}.handler",
        Role=f"arn:aws:iam::{ACCOUNT}:role/bench",
        Code={"ZipFile": packed.getvalue()},
        Environment={"Variables": variables},
        Timeout=30,
    )
    return str(created["FunctionArn"])


def _open_route(cloud: LocalCloud, name: str, arn: str) -> None:
    gateway, api_id = cloud.client("apigatewayv2"), cloud.outputs["ApiUrl"].rpartition("/")[2]
    (authorizer,) = gateway.get_authorizers(ApiId=api_id)["Items"]
    integration = gateway.create_integration(
        ApiId=api_id, IntegrationType="AWS_PROXY", IntegrationUri=arn, PayloadFormatVersion="2.0"
    )
    gateway.create_route(
        ApiId=api_id,
        RouteKey=f"POST /{name}",
        AuthorizationType="JWT",
        AuthorizerId=authorizer["AuthorizerId"],
        Target=f"integrations/{integration['IntegrationId']}",
    )
