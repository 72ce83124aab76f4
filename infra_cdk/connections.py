"""Connections: close_connections ends, every minute, those whose token has ended."""

from constructs import Construct

from infra_cdk.function import ServiceFunction, Shared
from infra_cdk.schedule import TIMEOUT_SECONDS, run_every_minute
from infra_cdk.storage import Storage
from infra_cdk.websocket_api import WebSocketApi

ENDS = "ENDS#*"
"""Partitions that list connections by the minute in which their token ends."""

SILENT = "Ended tokens keep their connections: look at the rule that calls close_connections every minute."


class Connections(Construct):
    """close_connections on a schedule; it says goodbye by POST and closes by DELETE, on this API alone."""

    def __init__(
        self, scope: Construct, name: str, shared: Shared, storage: Storage, websocket: WebSocketApi
    ) -> None:
        super().__init__(scope, name)
        variables = {
            "TABLE_NAME": storage.table.table_name,
            "WEBSOCKET_ENDPOINT": websocket.management_endpoint,
        }
        self.close_connections = ServiceFunction(
            self, "close_connections", shared, timeout_seconds=TIMEOUT_SECONDS, variables=variables
        )
        storage.grant_partitions(self.close_connections, [ENDS], "dynamodb:Query", "dynamodb:DeleteItem")
        websocket.grant_connections(self.close_connections, "POST", "DELETE")
        self.missed = run_every_minute(
            self, self.close_connections, shared.config, missed="missed_closings", silent=SILENT
        )
