"""The runbook leads somewhere: its links, and the outputs of the stack that it names."""

import re

from aws_cdk.assertions import Template

from tests.runbook import RUNBOOK, anchors

TEXT = RUNBOOK.read_text()


def test_its_links_lead_to_its_headings() -> None:
    linked = set(re.findall(r"\]\(#([\w-]+)\)", TEXT))
    assert len(linked) > 15
    assert linked <= anchors()


def test_no_two_headings_share_an_anchor() -> None:
    assert len(anchors()) == len(re.findall(r"^#+ ", TEXT, re.MULTILINE))


def test_the_outputs_that_it_names_are_the_stacks(dev: Template) -> None:
    named = set(re.findall(r"<([A-Z]\w+)>", TEXT)) | set(re.findall(r"<ARN of ([A-Z]\w+)>", TEXT))
    assert named
    assert named <= set(dev.to_json()["Outputs"])
