"""Panels of the dashboard, said once: lines over time, single numbers, tables of a query."""

from collections.abc import Iterable, Sequence

from aws_cdk import aws_cloudwatch as cloudwatch

WIDTH = 24
"""Columns of a CloudWatch dashboard."""

HEIGHT = 6

Row = list[cloudwatch.IWidget]


def graph(
    title: str,
    lines: Iterable[cloudwatch.IMetric],
    *,
    of: int = 3,
    limit: int | None = None,
    right: Sequence[cloudwatch.IMetric] = (),
) -> cloudwatch.GraphWidget:
    """Lines from 0 up, `of` graphs a row; `limit` is where an alarm rings, drawn in red."""
    return cloudwatch.GraphWidget(
        title=title,
        left=list(lines),
        right=list(right),
        width=WIDTH // of,
        height=HEIGHT,
        left_annotations=[] if limit is None else [_line(limit)],
        left_y_axis=cloudwatch.YAxisProps(min=0, show_units=False),
        right_y_axis=cloudwatch.YAxisProps(min=0, show_units=False),
    )


def numbers(title: str, values: Iterable[cloudwatch.IMetric], *, of: int = 3) -> cloudwatch.SingleValueWidget:
    """The newest value of each, large, with its last hours behind it."""
    return cloudwatch.SingleValueWidget(
        title=title, metrics=list(values), width=WIDTH // of, height=4, sparkline=True
    )


def table(
    title: str, log_groups: Sequence[str], query: Sequence[str], *, of: int = 2
) -> cloudwatch.LogQueryWidget:
    """What a Logs Insights query finds, asked anew each time that somebody looks."""
    return cloudwatch.LogQueryWidget(
        title=title,
        log_group_names=list(log_groups),
        query_lines=list(query),
        view=cloudwatch.LogQueryVisualizationType.TABLE,
        width=WIDTH // of,
        height=HEIGHT,
    )


def note(text: str) -> cloudwatch.TextWidget:
    """A line of Markdown over the whole width."""
    return cloudwatch.TextWidget(markdown=text, width=WIDTH, height=2)


def _line(value: int) -> cloudwatch.HorizontalAnnotation:
    return cloudwatch.HorizontalAnnotation(value=value, label="alarm", color=cloudwatch.Color.RED)
