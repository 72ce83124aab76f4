"""The Worker's settings, as far as they can be read without Cloudflare."""

import json
import tomllib
from datetime import date

from infra_cdk.proxy import SAMPLES

SAMPLE = SAMPLES / "cloudflare"
SETTINGS = tomllib.loads((SAMPLE / "wrangler.toml").read_text())


def test_the_runtime_of_the_tests_knows_the_compatibility_date() -> None:
    """Miniflare takes an older behaviour, with a warning, for a date that its runtime does not know."""
    lock = json.loads((SAMPLE / "package-lock.json").read_text())
    _, day, _ = lock["packages"]["node_modules/workerd"]["version"].split(".")
    known = date.fromisoformat(f"{day[:4]}-{day[4:6]}-{day[6:]}")
    assert date.fromisoformat(SETTINGS["compatibility_date"]) <= known


def test_the_settings_name_what_the_worker_reads() -> None:
    code = (SAMPLE / SETTINGS["main"]).read_text()
    (limit,) = SETTINGS["ratelimits"]
    for name in (*SETTINGS["vars"], limit["name"]):
        assert f"env.{name}" in code
    assert limit["simple"]["period"] in {10, 60}, "Cloudflare takes no other"
