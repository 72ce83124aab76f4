"""The pure parts of the local cloud: what it runs, what it hands on, and what it puts in the bucket."""

import io
import json
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from typer.testing import CliRunner

from infra_cdk import demo, deploy, emulator_gaps, emulator_setup, local, samples, warm
from infra_cdk.cloud import LocalCloud
from infra_cdk.commands import CommandError, run, tail
from infra_cdk.ports import free_port, is_free

OUTER = {"PATH": "/bin", "HOME": "/home/me", "AWS_PROFILE": "production", "AWS_SECRET_ACCESS_KEY": "real"}


def test_the_emulator_listens_on_loopback_and_keeps_its_files_together() -> None:
    variables = emulator_setup.variables(4599, Path("/state/tmp"), OUTER)
    assert variables["BIND_HOST"] == variables["MINISTACK_HOST"] == "127.0.0.1"
    assert variables["GATEWAY_PORT"] == "4599"
    assert variables["TMPDIR"] == "/state/tmp"
    assert variables["S3_DATA_DIR"].startswith("/state/tmp/")


def test_nothing_of_the_callers_aws_setup_reaches_the_emulator_or_the_deployment() -> None:
    emulator = emulator_setup.variables(4599, Path("/state/tmp"), OUTER)
    assert not [name for name in emulator if name.startswith("AWS_")]
    assert emulator["PATH"] == "/bin"
    deployment = deploy.variables("http://127.0.0.1:4599", OUTER)
    assert "AWS_PROFILE" not in deployment
    assert deployment["AWS_SECRET_ACCESS_KEY"] == "test"
    assert deployment["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4599"
    assert deployment["HOME"] == "/home/me"


def test_the_deployment_asks_nothing_and_writes_where_it_is_told() -> None:
    command = deploy.deploy_command(
        Path("a/cdk.out"), Path("a/out.json"), {"stage": "dev", "MAX_ATTEMPTS": "2"}
    )
    text = " ".join(command)
    assert Path(command[0]).parts[-2:] == (".bin", "cdk")
    assert "--require-approval never" in text
    assert "--output a/cdk.out --outputs-file a/out.json" in text
    assert text.endswith("-c stage=dev -c MAX_ATTEMPTS=2")


def test_samples_are_the_same_everywhere() -> None:
    digests = {file_id: samples.sha256(samples.sample(file_id)) for file_id in (70000, 70091, 70098)}
    assert digests == {
        70000: "1be0efba62f64c5507cde59c97132b55970c1578330dc0113ec68a2cbca85b50",
        70091: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        70098: "80f9adaddad47a9dd0dc594d5b463527f611d12ab2e8ddcac5fb7af4437e797e",
    }


def test_samples_are_archives_of_many_sizes() -> None:
    with zipfile.ZipFile(io.BytesIO(samples.sample(70007))) as archive:
        assert archive.testzip() is None
        assert [entry.file_size for entry in archive.infolist()] == [samples.SIZES[70007]]
    assert len(samples.SIZES) >= 12
    assert min(samples.SIZES.values()) == 0
    assert max(samples.SIZES.values()) == 20 * samples.MIB


def test_browser_access_is_read_from_the_deployed_templates(tmp_path: Path) -> None:
    properties = {"Tags": {"ms-custom-id": "http-dev"}, "CorsConfiguration": {"AllowOrigins": ["*"]}}
    closed = {"Tags": {"ms-custom-id": "live-dev"}}
    kind = "AWS::ApiGatewayV2::Api"
    resources = {"a": {"Type": kind, "Properties": properties}, "b": {"Type": kind, "Properties": closed}}
    (tmp_path / "one.template.json").write_text(json.dumps({"Resources": resources}))
    assert emulator_gaps.browser_access(tmp_path) == {"http-dev": {"AllowOrigins": ["*"]}}


def test_authorizers_that_are_asked_of_everything_are_read_from_the_deployed_templates(
    tmp_path: Path,
) -> None:
    api, authorizer = "AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::Authorizer"
    resources = {
        "live": {"Type": api, "Properties": {"Tags": {"ms-custom-id": "live-dev"}}},
        "http": {"Type": api, "Properties": {"Tags": {"ms-custom-id": "http-dev"}}},
        "all": {"Type": authorizer, "Properties": {"ApiId": {"Ref": "live"}, "AuthorizerType": "REQUEST"}},
        "some": {"Type": authorizer, "Properties": {"ApiId": {"Ref": "http"}, "AuthorizerType": "JWT"}},
    }
    (tmp_path / "one.template.json").write_text(json.dumps({"Resources": resources}))
    assert emulator_gaps.unconditional(tmp_path) == ["live-dev"]


def test_one_id_is_missing_on_purpose() -> None:
    assert samples.MISSING not in samples.SIZES
    with pytest.raises(KeyError):
        samples.sample(samples.MISSING)


@pytest.mark.parametrize(("faults", "told"), [(0, []), (1, []), (2, ["a: timed out"])])
def test_a_first_call_that_takes_too_long_is_repeated_once(faults: int, told: list[str]) -> None:
    replies = iter(["FunctionError"] * faults + ["StatusCode"] * 9)

    class Client:
        def invoke(self, **_: object) -> dict[str, object]:
            return {next(replies): "x", "Payload": BytesIO(b"timed out")}

    found = warm._call(Client(), "a", {})  # type: ignore[arg-type] # as much of a client as it needs
    assert ([found] if found else []) == told


def test_warming_covers_every_function_and_carries_no_work() -> None:
    assert set(warm.HARMLESS) == {
        "InitiateJobName", "JobsApiName", "ProcessFileName", "PublishProgressName", "WebsocketName",
        "BuryFileName", "SweepJobsName", "StreamProgressName", "DeliverWebhookName",
        "AuthorizeWebsocketName", "CloseConnectionsName", "BundleFilesName",
    }  # fmt: skip
    assert warm.HARMLESS["ProcessFileName"] == warm.HARMLESS["PublishProgressName"] == {"Records": []}
    assert warm.HARMLESS["InitiateJobName"]["body"] == "{}"
    assert warm.HARMLESS["WebsocketName"]["requestContext"]["eventType"] == "DISCONNECT"


def test_the_demo_signs_in_for_itself_and_touches_no_sign_in_of_the_callers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DELINEATE_TOKEN", "of another service")
    cloud = LocalCloud(tmp_path)
    cloud.outputs = {"ApiUrl": "http://api.example"}
    environment = demo.client_environment(cloud)
    assert "DELINEATE_TOKEN" not in environment
    assert environment["DELINEATE_API_URL"] == "http://api.example"
    assert Path(environment["DELINEATE_CREDENTIALS"]).parent == tmp_path


def test_a_failed_command_tells_its_name_its_status_and_its_last_words() -> None:
    with pytest.raises(CommandError, match=r"sh -c .* ended with 3:\nsorry"):
        run(["sh", "-c", "echo sorry >&2; exit 3"])


def test_the_last_words_are_bounded() -> None:
    assert tail("\n".join(map(str, range(100))), 3) == "97\n98\n99"


def test_a_free_port_is_free() -> None:
    assert is_free(free_port())


def test_a_cloud_that_is_not_started_has_no_endpoint(tmp_path: Path) -> None:
    cloud = LocalCloud(tmp_path)
    assert not cloud.find()
    with pytest.raises(RuntimeError, match="not started"):
        _ = cloud.endpoint


def test_a_mark_of_a_process_that_is_gone_is_nobody(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    (tmp_path / "emulator.json").write_text(json.dumps({"pid": ended.pid, "started": "long ago", "port": 1}))
    cloud = LocalCloud(tmp_path)
    assert not cloud.find()
    assert cloud.stop() is False


@pytest.mark.parametrize("command", ["outputs", "env"])
def test_the_commands_say_when_nothing_runs(tmp_path: Path, command: str) -> None:
    result = CliRunner().invoke(local.app, [command, "--state", str(tmp_path)])
    assert result.exit_code == 1


def test_stopping_nothing_is_no_error(tmp_path: Path) -> None:
    assert CliRunner().invoke(local.app, ["down", "--state", str(tmp_path)]).exit_code == 0


@pytest.mark.parametrize(
    ("setting", "status"), [("MAX_CONCURRENCY", 2), ("MAX_CONCURENCY=10", 2), ("MAX_CONCURRENCY=3", 1)]
)
def test_a_bad_setting_is_refused_before_anything_starts(tmp_path: Path, setting: str, status: int) -> None:
    result = CliRunner().invoke(local.app, ["up", "-c", setting, "--state", str(tmp_path / "state")])
    assert result.exit_code == status
    assert not (tmp_path / "state").exists()


class Secrets:
    """Secrets Manager, with what a shell would stumble over."""

    def get_secret_value(self, SecretId: str) -> dict[str, str]:  # noqa: N803 # boto3 has it so
        texts = {"webhook": json.dumps({"current": "signs"}), "metrics": "a $(b) 'c' \"d\""}
        return {"SecretString": texts[SecretId]}


@pytest.mark.parametrize(
    ("outputs", "token"),
    [({"MetricsUrl": "http://m", "MetricsTokenArn": "metrics"}, "a $(b) 'c' \"d\""), ({}, "none")],
)
def test_a_shell_takes_the_variables_as_they_are_and_keeps_no_older_ones(
    tmp_path: Path, outputs: dict[str, str], token: str
) -> None:
    known = {"ApiUrl": "http://api.example", "StackName": "downloads-dev", "WebhookSecretArn": "webhook"}
    cloud = SimpleNamespace(
        outputs=known | outputs, users=None, environment={}, state=tmp_path, client=lambda _: Secrets()
    )
    local._write_env(cast(LocalCloud, cloud))
    script = f'METRICS_TOKEN=old; source {tmp_path / "env"}; echo "${{METRICS_TOKEN-none}}"'
    shell = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert shell.stdout == f"{token}\n"
