"""What the shell offers after TAB where a job's id is expected."""

import os

import click

from delineate.auth.bearer import Bearer
from delineate.auth.tokens import alive_tokens
from delineate.errors import DelineateError

# Whoever pressed TAB does not wait long.
TIMEOUT_SECONDS = 2.0
OFFERED = 20


def recent_jobs(ctx: click.Context, incomplete: str) -> list[tuple[str, str]]:
    """The newest jobs that begin so, each with how it stands; none without a quick answer."""
    from delineate.api import Api  # noqa: PLC0415 # not needed but after TAB
    from delineate.transport import connect  # noqa: PLC0415 # as above

    url = ctx.params.get("api") or os.environ.get("DELINEATE_API_URL", "")
    try:
        # A refresh token may be good for one use only: TAB, which may be broken off, does not spend it.
        tokens = alive_tokens(url)
        client = connect(url, Bearer(tokens, url) if tokens else None, timeout=TIMEOUT_SECONDS)
        with Api(url, client, sleep=_give_up) as api:
            page = next(api.jobs_pages(OFFERED))
    except (DelineateError, ValueError):
        return []
    told = [(job.jobId, f"{job.status}, {job.progress.total} files") for job in page.jobs]
    return [offer for offer in told if offer[0].startswith(incomplete)]


def _give_up(_seconds: float) -> None:
    raise ValueError("nobody waits for a second try")
