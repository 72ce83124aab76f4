"""One address for page, API and WebSocket: CloudFront, as `template-samples/proxy` does it with nginx."""

from dataclasses import dataclass
from pathlib import Path

from aws_cdk import Aws, Duration, Stack
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from constructs import Construct

from infra_cdk.addresses import WEBSOCKET_STAGE, server
from infra_cdk.config import Config
from infra_cdk.demo_page import DemoPage
from infra_cdk.distribution import Behaviors, distribution
from infra_cdk.http_api import HttpApi
from infra_cdk.websocket_api import WebSocketApi

REWRITE = Path(__file__).with_name("edge_rewrite.js")
API_PATHS = ("/v1/*", "/health", "/docs", "/openapi.json")
BESIDE_A_PAGE = "/api/*"
"""The whole API, entry document and all, where `/` is the page."""

STREAM, LIVE = "/v1/download/stream/*", f"/{WEBSOCKET_STAGE}"
ANSWER_SECONDS = 60
"""An HTTP API answers within 30 s, held event streams too: CloudFront's own limit would be just as long."""


@dataclass(frozen=True)
class Apis:
    """What the one address leads to."""

    http: HttpApi
    websocket: WebSocketApi


class EdgeDistribution(Construct):
    """The distribution before both APIs, and before the page where there is one.

    Nothing of the APIs is cached or compressed here; they get all that viewers send, but for the Host.
    """

    def __init__(
        self, scope: Construct, name: str, config: Config, apis: Apis, page: DemoPage | None
    ) -> None:
        super().__init__(scope, name)
        self._config = config
        rewrite = cloudfront.FunctionAssociation(
            function=self._rewrite(), event_type=cloudfront.FunctionEventType.VIEWER_REQUEST
        )
        http = self._origin(config.addresses.http, apis.http.api.api_id)
        live = self._origin(config.addresses.websocket.removesuffix(LIVE), apis.websocket.api.api_id)
        behaviors = Behaviors(_behavior(http), {path: _behavior(live, rewrite) for path in (STREAM, LIVE)})
        if page:
            beside = {BESIDE_A_PAGE: _behavior(http, rewrite)} | {path: _behavior(http) for path in API_PATHS}
            behaviors = Behaviors(page.fresh, {**behaviors.others, **beside, **page.hashed}, page.ROOT)
        self._prefix = BESIDE_A_PAGE.removesuffix("/*") if page else ""
        self.distribution = distribution(self, config, "one address for all", behaviors)

    @property
    def host(self) -> str:
        """The domain of the settings, or CloudFront's own name."""
        return self._config.edge_domain or self.distribution.distribution_domain_name

    @property
    def url(self) -> str:
        """Where a browser opens the page, and the origin of all of it."""
        return f"https://{self.host}"

    @property
    def api_url(self) -> str:
        """Where clients call the API."""
        return f"{self.url}{self._prefix}"

    @property
    def websocket_url(self) -> str:
        """Where clients connect."""
        return f"wss://{self.host}{LIVE}"

    def introduce(self, apis: Apis) -> None:
        """Let the functions name this address, and let in the browsers that come by it."""
        apis.http.jobs_api.add_environment("WEBSOCKET_URL", self.websocket_url)
        let_in = ",".join([*self._config.cors_origins, self.url])
        for function in (apis.http.stream_progress, apis.websocket.authorize_websocket):
            function.add_environment("CORS_ORIGINS", let_in)

    def _rewrite(self) -> cloudfront.Function:
        return cloudfront.Function(
            self,
            "rewrite",
            code=cloudfront.FunctionCode.from_file(file_path=str(REWRITE)),
            runtime=cloudfront.FunctionRuntime.JS_2_0,
            comment="paths of the one address to those of the APIs",
        )

    def _origin(self, pattern: str, api_id: str) -> origins.HttpOrigin:
        found = server(pattern, api_id=api_id, region=Stack.of(self).region, suffix=Aws.URL_SUFFIX)
        policies = cloudfront.OriginProtocolPolicy
        return origins.HttpOrigin(
            found.host,
            origin_path=found.path or None,
            protocol_policy=policies.HTTPS_ONLY if found.tls else policies.HTTP_ONLY,
            http_port=found.port,
            origin_ssl_protocols=[cloudfront.OriginSslPolicy.TLS_V1_2],
            read_timeout=Duration.seconds(ANSWER_SECONDS),
        )


def _behavior(
    origin: cloudfront.IOrigin, *rewrites: cloudfront.FunctionAssociation
) -> cloudfront.BehaviorOptions:
    return cloudfront.BehaviorOptions(
        origin=origin,
        viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
        allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
        cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
        origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
        compress=False,
        function_associations=list(rewrites) or None,
    )
