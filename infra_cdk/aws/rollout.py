"""The CDK's part of a deployment: one assembly is synthesized, shown, and then deployed as it was shown."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from infra_cdk.built import ROOT
from infra_cdk.commands import CommandError, run
from infra_cdk.deploy import CDK


@dataclass(frozen=True, slots=True)
class Rollout:
    """One stage on its way to AWS; `context` is what the app is told by `-c`."""

    stage: str
    context: Mapping[str, str]

    @property
    def stack(self) -> str:
        """The stack's name."""
        return f"downloads-{self.stage}"

    @property
    def assembly(self) -> Path:
        """Where the templates lie that are shown and deployed."""
        return ROOT / "infra_cdk" / "cdk.out" / f"aws-{self.stage}"

    def synthesize(self) -> None:
        """Write the assembly. Raises CommandError, as when cdk-nag finds fault."""
        shutil.rmtree(self.assembly, ignore_errors=True)
        told = {**self.context, "stage": self.stage, "target": "aws"}
        pairs = [part for name, value in told.items() for part in ("-c", f"{name}={value}")]
        app = f"{sys.executable} -m infra_cdk.app"
        command = [str(CDK), "synth", "--quiet", "--app", app, "--output", str(self.assembly), *pairs]
        run(command, environment=variables(), folder=ROOT / "infra_cdk")

    def diff(self) -> None:
        """Show what would change. Raises CommandError when the comparison could not be made."""
        self._cdk("diff", "--no-notices")

    def deploy(self) -> dict[str, str]:
        """Deploy the assembly and return the outputs by name. Raises CommandError."""
        outputs = self.assembly.with_suffix(".outputs.json")
        manner = ["--require-approval", "never", "--no-notices", "--progress", "events"]
        self._cdk("deploy", *manner, "--outputs-file", str(outputs))
        (values,) = json.loads(outputs.read_text()).values()
        outputs.unlink()
        return dict(values)

    def _cdk(self, *words: str) -> None:
        """The CDK command with its output where the person looks; it asks nothing."""
        command = [str(CDK), words[0], "--app", str(self.assembly), self.stack, *words[1:]]
        done = subprocess.run(  # noqa: S603 # a list of our own words, no shell
            command, env=variables(), cwd=ROOT / "infra_cdk", stdin=subprocess.DEVNULL, check=False
        )
        if done.returncode != 0:
            raise CommandError(f"cdk {words[0]} ended with {done.returncode}")


def variables() -> dict[str, str]:
    """The caller's environment, from where the app finds its modules."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "CDK_DISABLE_CLI_TELEMETRY": "true"}


def this_commit() -> str | None:
    """The commit of this folder, marked when it has changes besides; None where there is no git."""
    git = shutil.which("git")
    if git is None:
        return None
    try:
        return run(
            [git, "-C", str(ROOT), "describe", "--always", "--abbrev=40", "--dirty", "--exclude=*"]
        ).strip()
    except CommandError:
        return None
