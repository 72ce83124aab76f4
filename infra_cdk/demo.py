"""The main job for a newcomer's eyes: `make demo`, after `make up` with a simulated preparation time."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from rich.console import Console

from infra_cdk import samples
from infra_cdk.cloud import CREDENTIALS, LocalCloud
from infra_cdk.local import DEMO_USER

SOME_FILES_FAILED = 1
"""Exit code of `delineate get` when a file could not be had: here one is missing on purpose."""

CLIENT = str(Path(sys.executable).parent / "delineate")

console = Console(stderr=True, highlight=False)


def main(state: Path) -> None:
    """Get every sample file and the missing one with the command line client, then compare the bytes."""
    cloud = LocalCloud(state)
    if not cloud.find():
        console.print("nothing is running: `make demo` starts it")
        raise SystemExit(1)
    folder = state / "demo"
    shutil.rmtree(folder, ignore_errors=True)
    environment = client_environment(cloud)
    if cloud.users and login(cloud.users.password(DEMO_USER), environment) != 0:
        console.print(f"[red]✗[/] {DEMO_USER} could not sign in")
        raise SystemExit(1)
    code = get([*samples.SIZES, samples.MISSING], folder, environment)
    problems = differences(folder, state / "samples.json")
    if code != SOME_FILES_FAILED:
        problems.append(f"delineate ended with {code}: {samples.MISSING} alone should have failed")
    for problem in problems:
        console.print(f"[red]✗[/] {problem}")
    if problems:
        raise SystemExit(1)
    console.print(f"[green]✓[/] {len(samples.SIZES)} files in {folder}, verified byte for byte")
    console.print(f"[green]✓[/] {samples.MISSING} is missing on purpose, and was named with its reason")
    farewell(cloud.outputs, state)


def client_environment(cloud: LocalCloud) -> dict[str, str]:
    """What the client is told: where the service is, and where its tokens lie, apart from a person's own."""
    outer = {name: value for name, value in os.environ.items() if name != "DELINEATE_TOKEN"}
    credentials = str(cloud.state / CREDENTIALS)
    return {**outer, "DELINEATE_API_URL": cloud.outputs["ApiUrl"], "DELINEATE_CREDENTIALS": credentials}


def login(password: str, environment: dict[str, str]) -> int:
    """Run `delineate login` as a script would, the password on its input; its exit code."""
    command = ["login", "--username", DEMO_USER, "--password-stdin"]
    console.print(f"[bold]$ delineate {' '.join(command)}[/]", soft_wrap=True)
    done = subprocess.run([CLIENT, *command], env=environment, input=password, text=True, check=False)  # noqa: S603 # our own command
    return done.returncode


def get(file_ids: list[int], folder: Path, environment: dict[str, str]) -> int:
    """Run `delineate get` as a person would; its exit code."""
    command = [CLIENT, "get", *map(str, file_ids)]
    console.print(f"[bold]$ delineate get {' '.join(map(str, file_ids))} --out {folder}[/]", soft_wrap=True)
    return subprocess.run([*command, "--out", str(folder)], env=environment, check=False).returncode  # noqa: S603 # our own command


def differences(folder: Path, manifest: Path) -> list[str]:
    """What is missing on disk, differs from what was uploaded, or should not be there."""
    uploaded = json.loads(manifest.read_text())["files"]
    # Archived samples are for who wants to see a restore: the demo asks for none.
    asked = [file for file_id, file in uploaded.items() if int(file_id) in samples.SIZES]
    expected = {Path(file["key"]).name: file["sha256"] for file in asked}
    found = {
        path.name: samples.sha256(path.read_bytes()) for path in folder.iterdir() if path.suffix == ".zip"
    }
    return [
        f"{name}: {'not on disk' if name not in found else 'its bytes differ'}"
        for name, digest in expected.items()
        if found.get(name) != digest
    ] + [f"{name}: nobody asked for it" for name in found.keys() - expected.keys()]


def farewell(outputs: dict[str, str], state: Path) -> None:
    for title, name in (("API", "ApiUrl"), ("Docs", "DocsUrl"), ("WebSocket", "WebSocketUrl")):
        console.print(f"  {title:<10}{outputs[name]}", soft_wrap=True)
    which = "" if state == Path(".local") else f" STATE={state}"
    console.print(
        f"Go on: [bold]source <(make -s env{which})[/], then `delineate get 70000 --out here`; "
        f"`make down{which}` ends it."
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
