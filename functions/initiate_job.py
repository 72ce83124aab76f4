"""POST /v1/download/initiate: accepts a job and answers at once."""

from aws_lambda_powertools.utilities.typing import LambdaContext

from downloads.http import Event, respond
from downloads.refusals import create_app
from downloads.routes import initiate
from downloads.run import run

app = create_app()
app.include_router(initiate.router)


@run
def handler(event: Event, context: LambdaContext) -> Event:
    return respond(app, event, context)
