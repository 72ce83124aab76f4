"""A real Prometheus with the sample's configuration and rules, whose only target is a deployed stack."""

import shutil
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from infra_cdk.cloud import LocalCloud
from infra_cdk.ports import LOOPBACK, free_port
from tests.observability.sample import PROMETHEUS, read
from tests.observability.servers import running


def scraping(stack: ExitStack, home: Path, cloud: LocalCloud, stage: str, every: str, *rings: str) -> str:
    """Where a Prometheus answers that scrapes this cloud as `stage`, until the stack of contexts ends.

    `every` is both interval and time-out, such as 2s; rules are evaluated each second. `rings` are the
    addresses of Alertmanagers. The metrics have to be on: METRICS_ENDPOINT.
    """
    shutil.copytree(PROMETHEUS, home)
    config = read(home / "prometheus.yml")
    config["global"] = {"scrape_interval": every, "scrape_timeout": every, "evaluation_interval": "1s"}
    config["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"] = list(rings)
    config["scrape_configs"] = [job for job in config["scrape_configs"] if job["job_name"] == "downloads"]
    (home / "prometheus.yml").write_text(yaml.safe_dump(config))
    url = urlsplit(cloud.outputs["MetricsUrl"])
    labels = {"stage": stage, "__scheme__": url.scheme, "__metrics_path__": url.path}
    target = [{"targets": [url.netloc], "labels": labels}]
    (home / "targets" / "downloads.yml").write_text(yaml.safe_dump(target))
    (home / "secrets").mkdir()
    (home / "secrets" / "metrics-token").write_text(_token(cloud))
    address = f"{LOOPBACK}:{free_port()}"
    command = ["prometheus", "--config.file=prometheus.yml", "--storage.tsdb.path=data"]
    ready_at = f"http://{address}/-/ready"
    return stack.enter_context(running([*command, f"--web.listen-address={address}"], home, ready_at))


def _token(cloud: LocalCloud) -> str:
    secrets = cloud.client("secretsmanager")
    token: str = secrets.get_secret_value(SecretId=cloud.outputs["MetricsTokenArn"])["SecretString"]
    return token
