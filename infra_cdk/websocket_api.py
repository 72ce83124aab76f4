"""The WebSocket API: clients subscribe to a job and are told of its changes."""

from aws_cdk import Aws, Stack, Tags
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_iam as iam
from aws_cdk.aws_apigatewayv2_authorizers import WebSocketLambdaAuthorizer
from aws_cdk.aws_apigatewayv2_integrations import WebSocketLambdaIntegration
from constructs import Construct

from infra_cdk.addresses import WEBSOCKET_STAGE
from infra_cdk.function import ServiceFunction, Shared
from infra_cdk.identity import Identity
from infra_cdk.nag import acknowledge, acknowledge_wildcard
from infra_cdk.storage import Storage

TIMEOUT_SECONDS = 15
ROUTES = ("$connect", "$disconnect", "subscribe", "unsubscribe", "ping", "$default")

CONNECTED = "API Gateway authorizes $connect alone; every later frame belongs to the connection let in there."

TICKETS = "TICKET#*"
"""Partitions of the one-time tickets; the authorizer may use one up and touch nothing else."""

CONNECTED_ITEMS = ("CONN#*", "WATCH#*", "ENDS#*")
"""Partitions of connections, of who watches what, and of when they end."""

NO_ACCESS_LOG = (
    "WebSocket access logs need a CloudWatch role set for the whole account and region, which a stack "
    "must not change for others; API Gateway's metrics count connections, messages and errors."
)


class WebSocketApi(Construct):
    """The API, its stage `live`, who lets in, and the function behind all routes; replies go by POST."""

    def __init__(
        self, scope: Construct, name: str, shared: Shared, storage: Storage, identity: Identity
    ) -> None:
        super().__init__(scope, name)
        self._addresses = shared.config.addresses
        self.api = apigateway.WebSocketApi(
            self,
            "api",
            api_name=f"downloads-{shared.config.stage}-live",
            route_selection_expression="$request.body.action",
        )
        if self._addresses.api_id_tag:
            Tags.of(self.api).add(self._addresses.api_id_tag, f"live-{shared.config.stage}")
        self.websocket = self._function(shared, storage)
        self.authorize_websocket = self._authorizer(shared, storage, identity)
        self._add_routes()
        stage = apigateway.WebSocketStage(
            self,
            "stage",
            web_socket_api=self.api,
            stage_name=WEBSOCKET_STAGE,
            auto_deploy=True,
            throttle=apigateway.ThrottleSettings(
                rate_limit=shared.config.websocket_rate_limit,
                burst_limit=shared.config.websocket_burst_limit,
            ),
        )
        acknowledge(stage, "AwsSolutions-APIG1", NO_ACCESS_LOG)

    @property
    def url(self) -> str:
        """Where clients connect: ws:// or wss://."""
        return self._fill(self._addresses.websocket)

    @property
    def management_endpoint(self) -> str:
        """The endpoint of @connections, for `post_to_connection`."""
        return self._fill(self._addresses.management)

    def grant_connections(self, function: ServiceFunction, *methods: str) -> None:
        """Let a function POST to any connection of this API, or DELETE it, and nothing else."""
        connections = [self._connections(method) for method in methods]
        statement = iam.PolicyStatement(actions=["execute-api:ManageConnections"], resources=connections)
        function.add_to_role_policy(statement)
        reason = (
            "API Gateway makes up the id of a connection when it is opened; "
            f"only {' and '.join(methods)} on this API is allowed."
        )
        for each in connections:
            acknowledge_wildcard(function.execution_role, each, reason)

    def _connections(self, method: str) -> str:
        return Stack.of(self).format_arn(
            service="execute-api",
            resource=self.api.api_id,
            resource_name=f"{WEBSOCKET_STAGE}/{method}/@connections/*",
        )

    def _add_routes(self) -> None:
        # No identity source: API Gateway would answer 401 by itself where one is missing, and a caller
        # shows either a header or a ticket in the query.
        authorizer = WebSocketLambdaAuthorizer(
            "authorizer", self.authorize_websocket.live, identity_source=[]
        )
        for name in ROUTES:
            # One integration a route: a shared one would be permitted to be called for its first route only.
            integration = WebSocketLambdaIntegration(name, self.websocket.live)
            connecting = name == "$connect"
            route = self.api.add_route(
                name, integration=integration, authorizer=authorizer if connecting else None
            )
            if not connecting:
                acknowledge(route, "AwsSolutions-APIG4", CONNECTED)

    def _fill(self, pattern: str) -> str:
        return self._addresses.fill(
            pattern, api_id=self.api.api_id, region=Stack.of(self).region, suffix=Aws.URL_SUFFIX
        )

    def _authorizer(self, shared: Shared, storage: Storage, identity: Identity) -> ServiceFunction:
        variables = {"TABLE_NAME": storage.table.table_name, **identity.verification}
        function = ServiceFunction(
            self, "authorize_websocket", shared, timeout_seconds=TIMEOUT_SECONDS, variables=variables
        )
        function.add_layers(shared.identity_layer)
        storage.grant_partitions(function, [TICKETS], "dynamodb:UpdateItem")
        return function

    def _function(self, shared: Shared, storage: Storage) -> ServiceFunction:
        variables = {
            "TABLE_NAME": storage.table.table_name,
            "WEBSOCKET_ENDPOINT": self.management_endpoint,
            "CONNECTION_TTL_SECONDS": str(shared.config.connection_ttl_seconds),
        }
        function = ServiceFunction(
            self, "websocket", shared, timeout_seconds=TIMEOUT_SECONDS, variables=variables
        )
        storage.grant(function, "dynamodb:GetItem", "dynamodb:Query")
        storage.grant_partitions(function, CONNECTED_ITEMS, "dynamodb:PutItem", "dynamodb:DeleteItem")
        self.grant_connections(function, "POST", "DELETE")
        return function
