"""All that was logged: each group of the emulator's CloudWatch, and the emulator's own copy of the output."""

from collections.abc import Iterator

from infra_cdk.cloud import LocalCloud

# Between these, the emulator's log has what a function wrote; the rest are its own words.
OUTPUT = " output:"


def lines(cloud: LocalCloud) -> Iterator[tuple[str, str]]:
    """Every event with the name of its group."""
    client = cloud.client("logs")
    for page in client.get_paginator("describe_log_groups").paginate():
        for group in page["logGroups"]:
            yield from ((group["logGroupName"], event) for event in _events(client, group["logGroupName"]))


def group_of(cloud: LocalCloud, function: str) -> str:
    """Where a function writes."""
    configured = cloud.client("lambda").get_function_configuration(FunctionName=function)
    return str(configured["LoggingConfig"]["LogGroup"])


def _events(client: object, group: str) -> Iterator[str]:
    pages = client.get_paginator("filter_log_events").paginate(logGroupName=group)  # type: ignore[attr-defined] # boto3 makes its clients as it runs
    for page in pages:
        yield from (event["message"] for event in page["events"])


def function_output(cloud: LocalCloud) -> str:
    """What functions wrote, as the emulator's own log repeats it: JSON, and whatever is not."""
    text = cloud.emulator.log.read_text(errors="replace")
    kept, inside = [], False
    for line in text.splitlines():
        if " INFO [" in line or " WARNING [" in line or " ERROR [" in line:
            inside = line.endswith(OUTPUT)
        elif inside:
            kept.append(line)
    return "\n".join(kept)
