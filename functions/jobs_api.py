"""Everything of the HTTP API but initiate and the stream: jobs, links, tickets, check, health, OpenAPI."""

from aws_lambda_powertools.utilities.typing import LambdaContext

from downloads.http import Event, respond
from downloads.refusals import create_app
from downloads.routes import about, deliveries, files, jobs, links, listing, tickets
from downloads.run import run

app = create_app()
app.include_router(about.router)
app.include_router(deliveries.router)
app.include_router(files.router)
app.include_router(jobs.router)
app.include_router(links.router)
app.include_router(listing.router)
app.include_router(tickets.router)


@run
def handler(event: Event, context: LambdaContext) -> Event:
    return respond(app, event, context)
