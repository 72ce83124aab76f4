"""The HTTP API: every call a route of its own, for logs and metrics."""

from aws_cdk import Aws, Duration, Stack, Tags
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
from constructs import Construct

from infra_cdk.access_logs import JsonAccessLogs
from infra_cdk.config import Config
from infra_cdk.function import Shared
from infra_cdk.http_functions import Backend, initiate_job, jobs_api, stream_progress
from infra_cdk.http_routes import CHECKED_INSIDE, JOBS_ROUTES, NOBODY_SIGNS_IN, OPEN_ROUTES, PREFLIGHT
from infra_cdk.logs import service_log_group
from infra_cdk.nag import acknowledge

ALLOWED_HEADERS = ["authorization", "content-type", "idempotency-key", "x-request-id", "last-event-id"]
ALLOWED_METHODS = ("GET", "POST", "DELETE")
EXPOSED_HEADERS = [
    "x-request-id",
    "location",
    "retry-after",
    "link",
    "content-disposition",
    "www-authenticate",
    "idempotency-replayed",
    "ratelimit-limit",
    "ratelimit-remaining",
    "ratelimit-reset",
    # A page counts down by the service's clock, which may differ from the browser's.
    "date",
]


class HttpApi(Construct):
    """The API with CORS and access logs; what no route names reaches jobs_api, which answers 404 and 405."""

    def __init__(self, scope: Construct, name: str, shared: Shared, backend: Backend) -> None:
        super().__init__(scope, name)
        self._addresses = shared.config.addresses
        self.initiate_job = initiate_job(self, shared, backend)
        self.jobs_api = jobs_api(self, shared, backend)
        self.stream_progress = stream_progress(self, shared, backend)
        self._jobs = HttpLambdaIntegration("default", self.jobs_api.live)
        self._authorizer = backend.identity.authorizer
        self.api = self._create_api(shared.config)
        self._add_routes(shared.config)
        if self._authorizer is None:
            acknowledge(self.api, "AwsSolutions-APIG4", NOBODY_SIGNS_IN)
        self._add_stage(shared.config)

    @property
    def url(self) -> str:
        """Where clients call, without a trailing slash."""
        return self._addresses.fill(
            self._addresses.http, api_id=self.api.api_id, region=Stack.of(self).region, suffix=Aws.URL_SUFFIX
        )

    def _add_routes(self, config: Config) -> None:
        initiate = HttpLambdaIntegration("initiate", self.initiate_job.live)
        progress = HttpLambdaIntegration("progress", self.stream_progress.live)
        self._add("/v1/download/initiate", "POST", initiate)
        for path, methods in JOBS_ROUTES.items():
            self._add(path, methods, self._jobs)
        for path, reason in OPEN_ROUTES.items():
            self.open_route(path, "GET", self._jobs, reason)
        self.open_route("/v1/download/progress/{jobId}", "GET", progress, CHECKED_INSIDE)
        if config.cors_origins and self._authorizer:
            for path in ("/", "/{proxy+}"):
                self.open_route(path, "OPTIONS", self._jobs, PREFLIGHT)

    def open_route(self, path: str, method: str, integration: HttpLambdaIntegration, reason: str) -> None:
        """A route that API Gateway lets everybody call, and why it may."""
        routes = self._add(path, method, integration, apigateway.HttpNoneAuthorizer())
        for route in routes:
            acknowledge(route, "AwsSolutions-APIG4", reason)

    def _add(
        self,
        path: str,
        methods: str,
        integration: HttpLambdaIntegration,
        authorizer: apigateway.IHttpRouteAuthorizer | None = None,
    ) -> list[apigateway.HttpRoute]:
        """Routes of a path, behind the API's authorizer unless another is said."""
        return self.api.add_routes(
            path=path,
            methods=[apigateway.HttpMethod[method] for method in methods.split()],
            integration=integration,
            authorizer=authorizer,
        )

    def _create_api(self, config: Config) -> apigateway.HttpApi:
        api = apigateway.HttpApi(
            self,
            "api",
            api_name=f"downloads-{config.stage}-http",
            cors_preflight=_cors(config),
            create_default_stage=False,
            default_integration=self._jobs,
            default_authorizer=self._authorizer,
        )
        if self._addresses.api_id_tag:
            Tags.of(api).add(self._addresses.api_id_tag, f"http-{config.stage}")
        return api

    def _add_stage(self, config: Config) -> None:
        log_group = service_log_group(self, "access_logs", config)
        self.api.add_stage(
            "stage",
            stage_name="$default",
            auto_deploy=True,
            access_log_settings=JsonAccessLogs(log_group),
            throttle=apigateway.ThrottleSettings(
                rate_limit=config.api_rate_limit, burst_limit=config.api_burst_limit
            ),
        )


def _cors(config: Config) -> apigateway.CorsPreflightOptions | None:
    if not config.cors_origins:
        return None
    return apigateway.CorsPreflightOptions(
        allow_origins=list(config.cors_origins),
        allow_methods=[apigateway.CorsHttpMethod[method] for method in ALLOWED_METHODS],
        allow_headers=ALLOWED_HEADERS,
        expose_headers=EXPOSED_HEADERS,
        max_age=Duration.hours(1),
    )
