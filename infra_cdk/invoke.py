"""One call of a deployed function: `make invoke FN=process_file EVENT=events/process_file.json`.

As `sam local invoke` does, but of what `make up` deployed: the function finds its queues, table and bucket.
"""

import base64
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from botocore.config import Config
from mypy_boto3_lambda import LambdaClient
from rich.console import Console

from infra_cdk.built import ROOT
from infra_cdk.cloud import LocalCloud
from infra_cdk.deploy import REGION
from infra_cdk.local import HERE, State

QUEUES = {
    "downloads-high": "HighQueueUrl",
    "downloads-normal": "NormalQueueUrl",
    "downloads-dead-letters": "DeadLetterQueueUrl",
    "downloads-bundles": "BundlesQueueUrl",
    "downloads-notices": "NoticesQueueUrl",
    "downloads-restored": "RestoredQueueUrl",
    "downloads-ended": "EndedQueueUrl",
}
"""The queue names of the sample events, and the stack's outputs that stand for them: `fill` puts those in."""

PATIENT = Config(read_timeout=910, retries={"total_max_attempts": 1})
"""A function may run for 15 minutes, and is called once: a client that tries again would call it twice."""

FAILED, MISUSED = 1, 2
USAGE = "usage: make invoke FN=process_file EVENT=events/process_file.json (STATE=.local)"
console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)


class MisuseError(ValueError):
    """A name that is not there, with those that are."""


def deployed(outputs: Mapping[str, str], folder: Path = ROOT / "functions") -> dict[str, str]:
    """What each entry point in `folder` is called in the stack; one that is not deployed is left out."""
    told = {file.stem: f"{file.stem.title().replace('_', '')}Name" for file in sorted(folder.glob("*.py"))}
    return {name: outputs[output] for name, output in told.items() if output in outputs}


def choose(name: str, functions: Mapping[str, str]) -> str:
    """The deployed function of that name. Raises MisuseError."""
    if not functions:
        raise MisuseError("The stack is not deployed yet: wait until `make up` has ended.")
    if name not in functions:
        raise MisuseError(f"FN={name} is no function of this stack; there are {', '.join(functions)}.")
    return functions[name]


def load(path: str, folder: Path = ROOT / "events") -> Any:
    """The event in a JSON file. Raises MisuseError when it cannot be read as one."""
    try:
        return json.loads(Path(path).read_text("utf-8"))
    except OSError as problem:
        names = ", ".join(f"events/{file.name}" for file in sorted(folder.glob("*.json")))
        raise MisuseError(f"EVENT={path} cannot be read ({problem.strerror}); there are {names}.") from None
    except ValueError as problem:
        raise MisuseError(f"EVENT={path} is not JSON: {problem}.") from None


def fill(event: Any, outputs: Mapping[str, str]) -> dict[str, str]:
    """Put this stack's queues where the event names a sample's; returns what was put for what."""
    filled: dict[str, str] = {}
    records = event.get("Records", []) if isinstance(event, dict) else []
    for record in records if isinstance(records, list) else []:
        sample = record.get("eventSourceARN") if isinstance(record, dict) else None
        queue = QUEUES.get(str(sample).rpartition(":")[2], "")
        if queue in outputs and str(sample).startswith("arn:aws:sqs:"):
            account, name = outputs[queue].rsplit("/", 2)[-2:]
            record["eventSourceARN"] = filled[str(sample)] = f"arn:aws:sqs:{REGION}:{account}:{name}"
    return filled


def call(client: LambdaClient, function: str, event: Any) -> bool:
    """The answer to stdout, the end of the log (4 KB) and the time to stderr; False if it failed."""
    begun = time.monotonic()
    reply = client.invoke(FunctionName=function, Payload=json.dumps(event).encode(), LogType="Tail")
    answer, took_ms = reply["Payload"].read().decode(), (time.monotonic() - begun) * 1000
    console.print(base64.b64decode(reply.get("LogResult", "")).decode(errors="replace").rstrip())
    outcome = "failed" if "FunctionError" in reply else "answered"
    console.print(f"{function} {outcome} after {took_ms:.0f} ms")
    typer.echo(_pretty(answer))
    return "FunctionError" not in reply


def _pretty(answer: str) -> str:
    try:
        return json.dumps(json.loads(answer), indent=2, ensure_ascii=False)
    except ValueError:
        return answer


def main(
    fn: Annotated[str, typer.Option(help="The function: a file's name in functions/.")] = "",
    event: Annotated[str, typer.Option(help="A JSON file, such as one of events/.")] = "",
    state: State = HERE,
) -> None:
    """Call one function of the local cloud; ends with 1 if it failed or nothing runs, 2 for bad names."""
    if not (fn and event):
        console.print(USAGE)
        raise typer.Exit(MISUSED)
    cloud = LocalCloud(state)
    if not cloud.find():
        console.print("nothing is running: `make up` starts it")
        raise typer.Exit(FAILED)
    try:
        function, content = choose(fn, deployed(cloud.outputs)), load(event)
    except MisuseError as problem:
        console.print(str(problem))
        raise typer.Exit(MISUSED) from None
    for sample, own in fill(content, cloud.outputs).items():
        console.print(f"eventSourceARN {sample} is {own} here")
    if not call(cloud.client("lambda", PATIENT), function, content):
        raise typer.Exit(FAILED)


if __name__ == "__main__":
    typer.run(main)
