"""The stack: puts the constructs together; every resource is defined in one of them."""

from pathlib import Path
from typing import Any

from aws_cdk import CfnOutput, Stack, Tags
from constructs import Construct

from infra_cdk.alarm_topic import tell_of_alarms
from infra_cdk.alarms import Alarms
from infra_cdk.bundles import Bundles
from infra_cdk.config import Config
from infra_cdk.connections import Connections
from infra_cdk.dashboard import dashboard
from infra_cdk.demo_page import DemoPage
from infra_cdk.demo_page_calls import calls, frames
from infra_cdk.demo_page_files import offered
from infra_cdk.edge_distribution import Apis, EdgeDistribution
from infra_cdk.encryption import encrypt
from infra_cdk.export import Export
from infra_cdk.forget import Forget
from infra_cdk.function import Assets, ServiceFunction, Shared, shared_parts
from infra_cdk.http_api import HttpApi
from infra_cdk.http_functions import Backend
from infra_cdk.identity import Identity
from infra_cdk.metrics_api import MetricsApi, let_count
from infra_cdk.processing import Processing
from infra_cdk.progress import Progress
from infra_cdk.release import Releases
from infra_cdk.repair import Repair
from infra_cdk.restores import Restores
from infra_cdk.storage import Storage
from infra_cdk.webhooks import Webhooks
from infra_cdk.websocket_api import WebSocketApi


class DownloadsStack(Stack):
    """The download service of one stage, from the folders of its functions and its layers."""

    def __init__(self, scope: Construct, name: str, config: Config, assets: Assets, **kwargs: Any) -> None:
        super().__init__(scope, name, **kwargs)
        shared = shared_parts(self, config, assets)
        self.storage = Storage(self, "storage", config)
        self.processing = Processing(self, "processing", shared, self.storage)
        self.repair = Repair(self, "repair", shared, self.storage, self.processing)
        self.restores = self._restore_files(shared)
        self.identity = Identity(self, "identity", config)
        self.websocket = WebSocketApi(self, "websocket_api", shared, self.storage, self.identity)
        self.connections = Connections(self, "connections", shared, self.storage, self.websocket)
        self.progress = Progress(self, "progress", shared, self.storage, self.websocket)
        self.webhooks = Webhooks(self, "webhooks", shared, self.storage)
        self.webhooks.take_from(self.progress.publish_progress)
        self.webhooks.take_from(self.repair.sweep_jobs)
        self.bundles = Bundles(self, "bundling", shared, self.storage)
        self.bundles.take_from(self.progress.publish_progress)
        self.bundles.take_from(self.repair.sweep_jobs)
        self.forget = Forget(self, "forget", shared, self.storage)
        self.export = self._keep_history(shared)
        backend = Backend(self.storage, self.processing, self.websocket, self.identity, self.bundles)
        self.http = HttpApi(self, "http_api", shared, backend)
        if config.metrics_endpoint:
            self._show_metrics(shared)
        alarms = Alarms(self, "alarms", config, self.processing, self.http)
        if config.has_canary:
            Releases(self, "releases", config, self._functions(), alarms.judges())
        self.alarm_topic = tell_of_alarms(self, "alarm_topic", config)
        self.dashboard = dashboard(self, "dashboard", config)
        if config.customer_key:
            encrypt(self, "key", config)
        # After the key, which they need none of: the page is what everybody may read.
        page = self._make_page(config) if config.demo_page else None
        edge = self._make_edge(config, page) if config.edge else None
        if page:
            self._show_page(config, page, edge, assets.page)
        self._write_outputs()
        Tags.of(self).add("service", "downloads")
        Tags.of(self).add("stage", config.stage)

    def _functions(self) -> list[ServiceFunction]:
        return [part for part in self.node.find_all() if isinstance(part, ServiceFunction)]

    def _restore_files(self, shared: Shared) -> Restores | None:
        if not shared.config.restores:
            return None
        restores = Restores(self, "restores", shared, self.storage, self.processing)
        CfnOutput(self, "FinishRestoresName", value=restores.finish_restores.function_name)
        CfnOutput(self, "RestoredQueueUrl", value=restores.queue.queue_url)
        CfnOutput(self, "UntoldQueueUrl", value=restores.untold.queue_url)
        return restores

    def _keep_history(self, shared: Shared) -> Export | None:
        if not shared.config.history_secret_arn:
            return None
        export = Export(self, "export", shared, self.storage)
        export.take_from(self.progress.publish_progress)
        CfnOutput(self, "ExportHistoryName", value=export.export_history.function_name)
        CfnOutput(self, "EndedQueueUrl", value=export.queue.queue_url)
        CfnOutput(self, "UnexportedQueueUrl", value=export.unexported.queue_url)
        return export

    def _show_metrics(self, shared: Shared) -> None:
        queues = {
            "dead_letters": self.processing.dead_letters,
            "parked": self.repair.parked,
            "undelivered": self.webhooks.undelivered,
            "unbundled": self.bundles.unbundled,
            "failures": self.progress.failures,
            "missed_sweeps": self.repair.missed_sweeps,
            "missed_closings": self.connections.missed_closings,
            **({"untold": self.restores.untold} if self.restores else {}),
            **({"unexported": self.export.unexported} if self.export else {}),
        }
        metrics = MetricsApi(
            self, "metrics_api", shared, self.storage, self.processing, self.bundles, queues, self.http
        )
        let_count(self._functions(), self.storage)
        CfnOutput(self, "MetricsUrl", value=f"{self.http.url}/metrics")
        CfnOutput(self, "MetricsTokenArn", value=metrics.token.secret_arn)
        CfnOutput(self, "ExposeMetricsName", value=metrics.expose_metrics.function_name)

    def _make_page(self, config: Config) -> DemoPage:
        allowed = calls(config, self.http, self.websocket, self.storage.bucket)
        framed = frames(config, self.storage.bucket, self.bundles.bucket)
        return DemoPage(self, "demo_page", allowed, framed)

    def _make_edge(self, config: Config, page: DemoPage | None) -> EdgeDistribution:
        apis = Apis(self.http, self.websocket)
        edge = EdgeDistribution(self, "edge", config, apis, page)
        if config.addresses.edge:
            edge.introduce(apis)
        names = {
            "EdgeUrl": edge.url,
            "EdgeApiUrl": edge.api_url,
            "EdgeHost": edge.distribution.distribution_domain_name,
        }
        for name, value in names.items():
            CfnOutput(self, name, value=value)
        return edge

    def _show_page(
        self, config: Config, page: DemoPage, edge: EdgeDistribution | None, build: Path | None
    ) -> None:
        url = edge.url if edge else page.serve(config)
        api_url = edge.api_url if edge and config.addresses.edge else self.http.url
        if build:
            page.fill(config, build, {"apiUrl": api_url, "files": offered(config)})
        CfnOutput(self, "DemoPageUrl", value=url)
        CfnOutput(self, "DemoPageBucket", value=page.bucket.bucket_name)

    def _write_outputs(self) -> None:
        outputs = {
            "StackName": self.stack_name,
            "ApiUrl": self.http.url,
            "DocsUrl": f"{self.http.url}/docs",
            "WebSocketUrl": self.websocket.url,
            "WebSocketEndpoint": self.websocket.management_endpoint,
            "BucketName": self.storage.bucket.bucket_name,
            "TableName": self.storage.table.table_name,
            "HighQueueUrl": self.processing.high.queue_url,
            "NormalQueueUrl": self.processing.normal.queue_url,
            "DeadLetterQueueUrl": self.processing.dead_letters.queue_url,
            "ParkedQueueUrl": self.repair.parked.queue_url,
            "ProgressFailuresQueueUrl": self.progress.failures.queue_url,
            "MissedSweepsQueueUrl": self.repair.missed_sweeps.queue_url,
            "MissedClosingsQueueUrl": self.connections.missed_closings.queue_url,
            "NoticesQueueUrl": self.webhooks.queue.queue_url,
            "UndeliveredQueueUrl": self.webhooks.undelivered.queue_url,
            "BundlesQueueUrl": self.bundles.queue.queue_url,
            "UnbundledQueueUrl": self.bundles.unbundled.queue_url,
            "WebhookSecretArn": self.webhooks.secret.secret_arn,
            "AlarmTopicArn": self.alarm_topic.topic_arn,
            "DashboardName": self.dashboard.dashboard_name,
            "InitiateJobName": self.http.initiate_job.function_name,
            "JobsApiName": self.http.jobs_api.function_name,
            "StreamProgressName": self.http.stream_progress.function_name,
            "ProcessFileName": self.processing.process_file.function_name,
            "PublishProgressName": self.progress.publish_progress.function_name,
            "WebsocketName": self.websocket.websocket.function_name,
            "AuthorizeWebsocketName": self.websocket.authorize_websocket.function_name,
            "CloseConnectionsName": self.connections.close_connections.function_name,
            "SweepJobsName": self.repair.sweep_jobs.function_name,
            "BuryFileName": self.repair.bury_file.function_name,
            "DeliverWebhookName": self.webhooks.deliver_webhook.function_name,
            "BundleFilesName": self.bundles.bundle_files.function_name,
            "RedriveFilesName": self.repair.redrive_files.function_name,
            "ForgetUserName": self.forget.forget_user.function_name,
            **self.identity.outputs,
            **({"BundleBucket": self.bundles.bucket.bucket_name} if self.bundles.bucket else {}),
        }
        for name, value in outputs.items():
            CfnOutput(self, name, value=value)
