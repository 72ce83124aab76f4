"""The dashboard `downloads-<stage>`: is it well, what is slow and why, what failed for whom, the cost."""

from typing import TYPE_CHECKING

from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs

from infra_cdk import dashboard_cost, dashboard_logs, dashboard_parts, dashboard_service
from infra_cdk.alarm_topic import alarms_of
from infra_cdk.config import Config
from infra_cdk.panels import WIDTH, Row

if TYPE_CHECKING:
    from infra_cdk.stack import DownloadsStack

HEADINGS = {
    "Files wait": "files-wait",
    "Nothing works on them": "nothing-works-on-waiting-files",
    "Too many jobs fail": "too-many-jobs-fail",
    "A job is stuck": "a-job-is-stuck",
    "The storage fails": "the-storage-fails",
    "5xx": "requests-end-in-5xx",
    "Slow requests": "requests-are-slow",
    "A function fails": "a-function-fails",
    "Watchers are late": "watchers-are-told-late",
    "A webhook fails": "a-webhook-fails",
    "A bundle fails": "a-bundle-fails",
    "Find everything of one job or request": "one-jobs-log",
}


def dashboard(stack: "DownloadsStack", name: str, config: Config) -> cloudwatch.Dashboard:
    """Everything that the stack holds by now, on one page; the last three hours unless asked otherwise."""
    functions = functions_of(stack)
    queues = queues_of(stack)
    rows: list[Row] = [
        [_guide(config)],
        [cloudwatch.AlarmStatusWidget(title="Alarms", alarms=alarms_of(stack), width=WIDTH, height=5)],
        dashboard_service.at_a_glance(stack.http, stack.processing, config),
        *dashboard_service.jobs(config),
        *dashboard_service.requests(stack.http, config),
        *dashboard_service.watchers(stack.websocket, stack.progress, config),
        *dashboard_parts.of_queues(queues, config),
        *dashboard_parts.of_functions(functions, config),
        dashboard_parts.of_table(stack.storage),
        *dashboard_logs.rows([each.log_group.log_group_name for each in functions.values()]),
        *dashboard_cost.rows(functions, queues, stack, config),
    ]
    return cloudwatch.Dashboard(
        stack, name, dashboard_name=f"downloads-{config.stage}", widgets=rows, start="-PT3H"
    )


def functions_of(stack: Stack) -> dict[str, lambda_.Function]:
    """Every function of the stack, by the name of its file."""
    return {each.node.id: each for each in stack.node.find_all() if isinstance(each, lambda_.Function)}


def queues_of(stack: Stack) -> dict[str, sqs.Queue]:
    """Every queue of the stack, by its name in the code."""
    return {each.node.id: each for each in stack.node.find_all() if isinstance(each, sqs.Queue)}


def _guide(config: Config) -> cloudwatch.TextWidget:
    """What to read in which order, and the runbook: links where RUNBOOK_URL is one, else its headings."""
    links = [_link(config.runbook_url, title, anchor) for title, anchor in HEADINGS.items()]
    text = (
        f"# downloads-{config.stage}\n"
        "Is it well: the alarms and the first row. What is slow: **Slowest jobs**, then queues, storage, "
        "functions. What failed, for whom: **Failed files**, **Errors**, **Failed jobs by user**. "
        f"What it costs: the last rows.\n\nRunbook: {' · '.join(links)}"
    )
    return cloudwatch.TextWidget(markdown=text, width=WIDTH, height=4)


def _link(runbook: str, title: str, anchor: str) -> str:
    if runbook.startswith("https://"):
        return f"[{title}]({runbook}#{anchor})"
    return f"{title} (`{runbook}#{anchor}`)"
