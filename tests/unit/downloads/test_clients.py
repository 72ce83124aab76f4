"""The user agent of calls to AWS: short, and with the name that the SDK's own setting gives a function."""

import pytest
from botocore.config import Config

from downloads import VERSION, clients


@pytest.mark.parametrize(
    ("app", "agent"), [(None, f"downloads/{VERSION}"), ("worker", f"downloads/{VERSION} app/worker")]
)
def test_the_user_agent_names_the_application(
    monkeypatch: pytest.MonkeyPatch, app: str | None, agent: str
) -> None:
    monkeypatch.delenv("AWS_SDK_UA_APP_ID", raising=False)
    if app:
        monkeypatch.setenv("AWS_SDK_UA_APP_ID", app)
    assert clients.named(Config(read_timeout=3)).user_agent == agent
