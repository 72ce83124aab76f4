"""What loading a function costs the processor, beside boto3 and the clients that it needs; and its assets."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

from infra_cdk import layers
from tests.bench.interpreter import told as answered
from tests.bench.report import Goal, Report, Table, Told, figure

ROUNDS = 5
DYNAMODB, S3, SQS, SECRETS, SOCKETS = "dynamodb", "s3", "sqs", "secretsmanager", "apigatewaymanagementapi"
# What the first run of each makes, and what is held to which share of its floor.
PROCESSORS = {
    "process_file": (DYNAMODB, S3, SQS),
    "publish_progress": (DYNAMODB, SQS, SOCKETS),
    "deliver_webhook": (DYNAMODB, SQS, SECRETS),
}
APIS = {
    "initiate_job": (DYNAMODB, SQS),
    "jobs_api": (DYNAMODB, S3),
    "stream_progress": (DYNAMODB,),
    "expose_metrics": (DYNAMODB, SQS, SECRETS),
}
OTHERS = {
    "authorize_websocket": (DYNAMODB,),
    "websocket": (DYNAMODB, SOCKETS),
    "close_connections": (DYNAMODB, SOCKETS),
    "sweep_jobs": (DYNAMODB, SQS),
    "bury_file": (DYNAMODB, SQS),
    "redrive_files": (DYNAMODB, SQS),
    "finish_restores": (DYNAMODB, SQS),
    "bundle_files": (DYNAMODB, S3, SQS),
}
FUNCTIONS = PROCESSORS | APIS | OTHERS
MAKES = {
    DYNAMODB: "clients.dynamodb_client()",
    S3: "clients.s3_client(wiring.settings(settings.ProcessSettings))",
    SQS: "clients.sqs_client()",
    SECRETS: "clients.secrets_client()",
    SOCKETS: "clients.websocket_client('https://socket.example/live')",
}
# The adapters of the first run, where they are loaded with it.
WIRED = {
    "process_file": """
config = wiring.settings(settings.ProcessSettings)
wiring.recording_jobs(config, config.file_ttl_seconds), wiring.objects(config), wiring.queue(config, print)
""",
    "publish_progress": """
config = wiring.settings(settings.Settings)
wiring.jobs(config), wiring.watchers(config, 7_200)
from downloads.aws import bundle_queue, notices, websocket
""",
    "deliver_webhook": """
wiring.deliveries(wiring.settings(settings.Settings), 604_800)
from downloads.aws import notices, secrets
from downloads.web import post
""",
}
MEASURED = """
import json, sys, time
{program}
sys.stderr.write(json.dumps([time.process_time() * 1000, len(sys.modules)]))
"""
INTRO = """
Milliseconds of CPU time of a fresh interpreter, its own start included, until the function is loaded and has
the clients and, of the first three, the adapters of its first run. The floor is `import boto3` and the same
clients, which every Lambda function in Python that uses them pays. They take turns, five times each, and the
lowest counts.
"""
WHAT_IT_IS = (
    "What is above the floor is the domain's own types, Powertools' Logger and msgspec; in functions of the "
    "HTTP API the router, and in initiate_job and jobs_api pydantic. Functions look for no garbage while "
    "they load; the floor does, as Python does by itself: with none on either side, process_file, "
    "publish_progress, initiate_job and jobs_api would miss their goals. This is this machine's Python, and "
    "bytecode is there, as it is not on AWS, where it is 3.14 and each new environment compiles what it "
    "loads. tried.md has figures of all that."
)


def run(told: Told) -> Report:
    lowest, modules = _measured(told)
    goals = [Goal(f"`{name}` to its floor", _ratio(lowest, name), 1.25) for name in PROCESSORS]
    goals += [Goal(f"`{name}` to its floor", _ratio(lowest, name), 1.6) for name in APIS]
    rows = [
        (
            name,
            figure(lowest[name]),
            figure(lowest[_floor(name)]),
            figure(_ratio(lowest, name)),
            f"{modules[name]}",
        )
        for name in FUNCTIONS
    ]
    head = ("Function", "ms", "floor, ms", "ratio", "modules")
    assets = Table("What is deployed", ("Asset", "files", "KB, zipped"), list(_assets()), ASSETS)
    return Report("Cold start", INTRO, [Table("Loading a function", head, rows, WHAT_IT_IS), assets], goals)


ASSETS = (
    "One asset for all functions; the first layer is every function's, the others only where they are on."
)


def _measured(told: Told) -> tuple[dict[str, float], dict[str, int]]:
    programs = {name: _program(name) for name in FUNCTIONS} | {
        _floor(name): _bare(name) for name in FUNCTIONS
    }
    lowest: dict[str, float] = {}
    modules: dict[str, int] = {}
    for round_ in range(1, ROUNDS + 1):
        told(f"round {round_} of {ROUNDS}, {len(programs)} interpreters each")
        for name, program in programs.items():
            milliseconds, modules[name] = _loaded(program)
            lowest[name] = min(milliseconds, lowest.get(name, milliseconds))
    return lowest, modules


def once(name: str) -> float:
    """The ratio of a function to its floor, each measured once."""
    return _loaded(_program(name))[0] / _loaded(_bare(name))[0]


def _loaded(program: str) -> tuple[float, int]:
    milliseconds, modules = answered(["-c", MEASURED.format(program=program)], seconds=60)
    return milliseconds, modules


def _program(name: str) -> str:
    made = "\n".join(MAKES[service] for service in FUNCTIONS[name])
    return f"import {name}\nfrom downloads import clients, settings, wiring\n{made}\n{WIRED.get(name, '')}"


def _floor(name: str) -> str:
    return "boto3: " + ", ".join(FUNCTIONS[name])


def _bare(name: str) -> str:
    endpoint = ", endpoint_url='https://socket.example/live'"
    made = [f"boto3.client('{each}'{endpoint if each == SOCKETS else ''})" for each in FUNCTIONS[name]]
    return "\n".join(["import boto3", *made])


def _ratio(lowest: dict[str, float], name: str) -> float:
    return lowest[name] / lowest[_floor(name)]


def _assets() -> Iterator[tuple[str, str, str]]:
    yield ("functions", *_zipped(Path("functions")))
    for layer in (layers.DEPENDENCIES, layers.IDENTITY, *layers.EXTRAS.values()):
        yield (f"layer {layer.name}", *_zipped(layers.build(layer, layers.HOST)))


def _zipped(folder: Path) -> tuple[str, str]:
    """As deployed: a layer with the bytecode that it brings, the functions without."""
    packed = io.BytesIO()
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    if folder.name == "functions":
        paths = [path for path in paths if path.suffix != ".pyc"]
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in paths:
            archive.write(path, path.relative_to(folder))
    return f"{len(paths):,}", figure(len(packed.getvalue()) / 1000)
