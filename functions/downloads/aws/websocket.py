"""Frames to open WebSocket connections, through API Gateway's management API."""

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError, ReadTimeoutError

from downloads.errors import ConnectionFaultError, ConnectionGoneError, ConnectionSlowError

if TYPE_CHECKING:
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient


class ApiGatewayConnections:
    """The Connections port."""

    def __init__(self, client: "ApiGatewayManagementApiClient") -> None:
        self._client = client

    def send(self, connection_id: str, frame: str) -> None:
        try:
            self._client.post_to_connection(ConnectionId=connection_id, Data=frame)
        except self._client.exceptions.GoneException as error:
            raise ConnectionGoneError(connection_id) from error
        except (ConnectTimeoutError, ReadTimeoutError) as error:
            raise ConnectionSlowError(connection_id) from error
        except (ClientError, BotoCoreError) as error:
            raise ConnectionFaultError(connection_id) from error

    def close(self, connection_id: str) -> None:
        try:
            self._client.delete_connection(ConnectionId=connection_id)
        except self._client.exceptions.GoneException:
            return
        except (ClientError, BotoCoreError) as error:
            raise ConnectionFaultError(connection_id) from error
