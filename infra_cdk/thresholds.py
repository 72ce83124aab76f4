"""From which value on alarms ring, whom they tell, and where they are explained."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """The part of the settings that alarms are made of; like all settings, any may be overridden."""

    alarm_failed_jobs_percent: int = 10
    alarm_server_errors_percent: int = 5
    alarm_storage_errors_percent: int = 10
    alarm_lost_frames_percent: int = 10
    alarm_failed_webhooks_percent: int = 50
    alarm_memory_percent: int = 90
    alarm_backlog_messages: int = 1_000
    alarm_backlog_minutes: int = 10
    alarm_idle_minutes: int = 2
    alarm_old_seconds: int = 1_800
    alarm_unburied_seconds: int = 900
    alarm_late_ms: int = 60_000
    alarm_slow_ms: int = 3_000

    alarm_topic_arn: str | None = None
    alarm_email: str | None = None
    runbook_url: str = "docs/runbook.md"
    """Where whoever is woken finds the runbook; a link once it begins with https://."""
