"""Forget: the function that deletes what is kept of one user; operators call it, nothing else does."""

from constructs import Construct

from infra_cdk.export import reach_history
from infra_cdk.function import ServiceFunction, Shared
from infra_cdk.schedule import TIMEOUT_SECONDS
from infra_cdk.storage import OWNER_JOBS, Storage


class Forget(Construct):
    """forget_user: it may find and delete any item."""

    def __init__(self, scope: Construct, name: str, shared: Shared, storage: Storage) -> None:
        super().__init__(scope, name)
        variables = {"TABLE_NAME": storage.table.table_name}
        self.forget_user = ServiceFunction(
            self, "forget_user", shared, timeout_seconds=TIMEOUT_SECONDS, variables=variables
        )
        # BatchWriteItem is a right of its own, whatever a batch holds: the code deletes and closes tallies.
        verbs = ("dynamodb:Query", "dynamodb:Scan", "dynamodb:BatchWriteItem", "dynamodb:DeleteItem")
        storage.grant(self.forget_user, *verbs)
        storage.grant_index(self.forget_user, OWNER_JOBS)
        reach_history(self.forget_user, shared)
