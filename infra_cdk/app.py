"""The CDK app: reads stage, target and settings, and makes one stack of them. `python -m infra_cdk.app`.

Context comes by `-c name=value`; settings by `-c NAME=value` or a variable `DELINEATE_NAME`.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from aws_cdk import App, CfnOutput, Environment, Stack, Validations
from cdk_nag import AwsSolutionsChecks

from infra_cdk import checks, identity_checks, layers
from infra_cdk.addresses import localstack, path_form
from infra_cdk.config import Config, for_stage
from infra_cdk.function import Assets
from infra_cdk.overrides import arguments, given, misspelt, parse, setting_names
from infra_cdk.page_build import built_page
from infra_cdk.stack import DownloadsStack

FUNCTIONS = Path(__file__).parents[1] / "functions"
TARGETS = ("aws", "local", "localstack")
ON_A_LAPTOP = {"WEBHOOK_ALLOW_HTTP": "true", "WEBHOOK_ALLOW_PRIVATE": "true"}
"""There the receiver of a webhook is most often a program on the same machine."""

LOCAL_ACCOUNT = Environment(account="000000000000", region="us-east-1")


def configure(stage: str, target: str, endpoint: str, texts: Mapping[str, str]) -> Config:
    """The values of a stage for a target, with the settings found in `texts`.

    Raises:
        ValueError: an unknown stage or target, or a bad setting.
    """
    if target not in TARGETS:
        raise ValueError(f"target is {target!r}: one of {', '.join(TARGETS)}")
    if target == "local" and stage != "prod":
        texts = ON_A_LAPTOP | {name: text for name, text in texts.items() if text}
    config = for_stage(stage, **parse(texts))
    if target == "local":
        # All that a laptop goes without: MiniStack's CloudFormation refuses alarms with metric math, and it
        # has no CodeDeploy.
        plain = replace(config, metric_math=False, canary="none")
        return replace(plain, addresses=path_form(endpoint), s3_path_style=True)
    identity_checks.over_tls(config)
    if target == "localstack":
        return replace(config, addresses=localstack(endpoint), s3_path_style=True)
    checks.reached_by_lambda(config)
    if config.webhook_allow_private:
        raise ValueError("WEBHOOK_ALLOW_PRIVATE is for a laptop: on AWS it opens the runtime's own addresses")
    return config


def build(app: App, config: Config, *, target: str, assets: Assets) -> DownloadsStack:
    """The stack of one stage in an app that refuses to synthesize what cdk-nag finds fault with."""
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    return DownloadsStack(
        app,
        f"downloads-{config.stage}",
        config,
        assets,
        env=None if target == "aws" else LOCAL_ACCOUNT,
        description="Downloads that nobody waits for: jobs in the background, live progress, presigned URLs",
    )


def main() -> None:
    """Synthesize for the CDK command that called."""
    app = App()
    context = {
        name: str(value) for name in _context_names() if (value := app.node.try_get_context(name)) is not None
    }
    target = context.get("target") or "aws"
    endpoint = context.get("endpoint") or "http://127.0.0.1:4566"
    for line in misspelt(os.environ):
        sys.stderr.write(f"{line}\n")
    texts = given(os.environ, context)
    config = configure(context.get("stage") or "dev", target, endpoint, texts)
    made = layers.lead if target == "local" else partial(layers.build, target=layers.LAMBDA)
    dependencies, identity = made(layers.DEPENDENCIES), made(layers.IDENTITY)
    extras = {
        name: made(layers.EXTRAS[name])
        for name in (*config.extra_layers, *config.scrape_layers, *config.history_layers)
    }
    # The emulator cannot run the CDK's upload: infra_cdk/cloud.py puts the page into its bucket.
    page = built_page() if config.demo_page and target != "local" else None
    assets = Assets(FUNCTIONS, dependencies, identity, extras, page)
    stack = build(app, config, target=target, assets=assets)
    if commit := context.get("commit"):
        tell(stack, commit, texts)
    app.synth()


def tell(stack: Stack, commit: str, texts: Mapping[str, str]) -> None:
    """What the way back from the next deployment begins with: what this one was, and what it was given."""
    CfnOutput(stack, "Commit", value=commit)
    if told := arguments({name: texts.get(name, "") for name in setting_names()}):
        CfnOutput(stack, "Settings", value=told)


def _context_names() -> tuple[str, ...]:
    return ("stage", "target", "endpoint", "commit", *setting_names())


if __name__ == "__main__":
    main()
