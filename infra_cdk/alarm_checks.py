"""What the settings of alarms may be."""

import re
from dataclasses import fields

from infra_cdk.thresholds import Thresholds

TOPIC = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]+")
EMAIL = re.compile(r"[^\s@<>,;\"]+@[^\s@<>,;\"]+\.[^\s@<>,;\".]+")
RUNBOOK = re.compile(r"(https://[^/\s#?()]+/([^\s#?()]+/)?)?docs/runbook\.md")

MOST_MINUTES = 1_440
"""CloudWatch: the periods that an alarm looks at are a day together, at most."""


def percents(config: Thresholds) -> None:
    """Shares are below the whole, and what is looked at minute by minute ends after a day."""
    for field in fields(Thresholds):
        value = getattr(config, field.name)
        # More than 99 of 100 can only be all of them; 100 would never ring.
        if field.name.endswith("_percent") and not 1 <= value < 100:  # noqa: PLR2004 # a hundred of a hundred
            raise ValueError(f"{field.name.upper()} is {value}: 1 to 99, of a hundred")
        if field.name.endswith("_minutes") and value > MOST_MINUTES:
            raise ValueError(f"{field.name.upper()} is {value}: an alarm looks back a day (1440) at most")


def topic(config: Thresholds) -> None:
    """Alarms go to a topic of the adopter's, or to the stack's own, which may write to one address."""
    if config.alarm_topic_arn and not TOPIC.fullmatch(config.alarm_topic_arn):
        raise ValueError(f"ALARM_TOPIC_ARN is {config.alarm_topic_arn!r}: arn:aws:sns:REGION:ACCOUNT:NAME")
    if config.alarm_email and not EMAIL.fullmatch(config.alarm_email):
        raise ValueError(f"ALARM_EMAIL is {config.alarm_email!r}: one address, name@host.example")
    if config.alarm_email and config.alarm_topic_arn:
        raise ValueError("ALARM_EMAIL is for the stack's own topic: subscribe it to ALARM_TOPIC_ARN yourself")


def runbook(config: Thresholds) -> None:
    """Wherever it is read, it is this repository's file: the alarms name its headings."""
    if not RUNBOOK.fullmatch(config.runbook_url):
        raise ValueError(f"RUNBOOK_URL is {config.runbook_url!r}: it takes https://…/docs/runbook.md")
