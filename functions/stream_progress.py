"""GET /v1/download/progress/{jobId}: a job's progress as Server-Sent Events."""

from aws_lambda_powertools.utilities.typing import LambdaContext

from downloads.http import Event, respond
from downloads.refusals import create_app
from downloads.routes import progress
from downloads.run import run

app = create_app(validating=False)
app.include_router(progress.router)


@run
def handler(event: Event, context: LambdaContext) -> Event:
    return respond(app, event, context)
