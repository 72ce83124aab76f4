"""The layers: which command builds them where, and when they are built anew."""

import importlib.util
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from infra_cdk import built, layers

UNCHECKED_HASH = 0b01
FOLDER = Path("somewhere")


LAYERS = [layers.DEPENDENCIES, layers.IDENTITY, *layers.EXTRAS.values()]


def locked(layer: layers.Layer) -> dict[str, str]:
    """The packages in a lock file and their versions."""
    lines = layer.lock.read_text().splitlines()
    found = [
        line.split()[0].split("==") for line in lines if "==" in line and not line.startswith((" ", "#"))
    ]
    return dict(found)


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("target", [layers.HOST, layers.LAMBDA])
def test_packages_are_installed_from_the_lock_by_hash(layer: layers.Layer, target: layers.Target) -> None:
    command = layers.install_command(layer, target, FOLDER)
    assert Path(command[0]).name == "uv"
    assert command[1:3] == ["pip", "install"]
    assert "--require-hashes" in command
    assert command[command.index("--requirements") + 1] == str(layer.lock)
    assert command[command.index("--target") + 1] == str(FOLDER)


def test_for_aws_only_wheels_for_arm_and_the_runtimes_python_will_do() -> None:
    command = " ".join(layers.install_command(layers.DEPENDENCIES, layers.LAMBDA, FOLDER))
    assert "--python-platform aarch64-manylinux_2_28 --python-version 3.14 --only-binary :all:" in command
    assert not layers.LAMBDA.compiled


def test_for_the_emulator_the_wheels_are_this_machines() -> None:
    command = " ".join(layers.install_command(layers.DEPENDENCIES, layers.HOST, FOLDER))
    assert "--python-platform" not in command
    assert layers.HOST.compiled


@pytest.mark.parametrize("layer", LAYERS)
def test_boto3_belongs_to_the_runtime_and_not_to_a_layer(layer: layers.Layer) -> None:
    assert "boto" not in layer.lock.read_text()


def test_what_verifies_tokens_is_a_layer_of_its_own() -> None:
    assert set(locked(layers.IDENTITY)) == {"pyjwt", "cryptography", "cffi", "pycparser"}


def test_nothing_is_in_the_layer_of_all_functions_and_in_another() -> None:
    shared = set(locked(layers.DEPENDENCIES))
    assert {layer.name for layer in LAYERS[1:] if shared & set(locked(layer))} == set()


def test_layers_that_lie_over_one_another_bring_one_version_of_a_package() -> None:
    versions: dict[str, set[str]] = {}
    for layer in LAYERS:
        for package, version in locked(layer).items():
            versions.setdefault(package, set()).add(version)
    assert {package: found for package, found in versions.items() if len(found) > 1} == {}


@pytest.mark.parametrize(
    ("layer", "needed", "excluded"),
    [
        (layers.XRAY, {"aws-xray-sdk", "wrapt"}, {"botocore"}),
        (
            layers.OPENTELEMETRY,
            {"opentelemetry-sdk", "opentelemetry-exporter-otlp-proto-http", "protobuf", "requests"},
            {
                "googleapis-common-protos",
                "typing-extensions",
                "opentelemetry-exporter-otlp-proto-grpc",
                "grpcio",
            },
        ),
        (layers.SENTRY, {"sentry-sdk"}, set()),
        (layers.HISTORY, {"psycopg", "psycopg-binary"}, {"typing-extensions"}),
    ],
)
def test_an_exporter_brings_what_it_needs_and_no_more(
    layer: layers.Layer, needed: set[str], excluded: set[str]
) -> None:
    found = set(locked(layer))
    assert found >= needed
    assert not found & excluded


def test_a_lock_is_installed_as_it_is() -> None:
    # What it leaves out on purpose would else be missed, or added.
    assert "--no-deps" in layers.install_command(layers.XRAY, layers.LAMBDA, FOLDER)


def test_a_layer_is_built_anew_when_its_lock_changes(tmp_path: Path) -> None:
    layer = layers.Layer(tmp_path)
    prints = set()
    for lock in ("pydantic==1.0", "pydantic==2.0"):
        layer.lock.write_text(lock)
        prints |= {layers.fingerprint(layer, target) for target in (layers.HOST, layers.LAMBDA)}
    assert len(prints) == 4


def test_a_folder_is_made_once_for_a_fingerprint(tmp_path: Path) -> None:
    folder, made = tmp_path / "folder", []

    def make() -> None:
        folder.mkdir()
        made.append(folder)

    for fingerprint in ("first", "first", "second"):
        assert built.build_once(folder, fingerprint, make) == folder
    assert len(made) == 2


def test_an_interrupted_build_is_made_anew(tmp_path: Path) -> None:
    folder = tmp_path / "folder"

    def fail() -> None:
        folder.mkdir()
        (folder / "half").write_text("")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        built.build_once(folder, "same", fail)
    built.build_once(folder, "same", folder.mkdir)
    assert not (folder / "half").exists()


def test_an_older_mark_does_not_vouch_for_an_interrupted_build(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    built.build_once(folder, "older", folder.mkdir)

    def fail() -> None:
        folder.mkdir()
        (folder / "half").write_text("")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        built.build_once(folder, "newer", fail)
    built.build_once(folder, "older", folder.mkdir)
    assert not (folder / "half").exists()


def test_bytecode_is_used_whatever_time_stamp_a_zip_gives_its_source(tmp_path: Path) -> None:
    source = tmp_path / "module.py"
    source.write_text("x = 1")
    layers.compile_packages(tmp_path)
    compiled = Path(importlib.util.cache_from_source(str(source)))
    (flags,) = struct.unpack("<L", compiled.read_bytes()[4:8])
    assert flags == UNCHECKED_HASH


def test_trimming_keeps_what_is_read_at_run_time(tmp_path: Path) -> None:
    kept = [
        "pkg/__init__.py",
        "pkg/py.typed",
        "pkg/swagger_ui/swagger-ui.min.js",
        "pkg-1.0.dist-info/METADATA",
    ]
    for name in [*kept, "pkg/__init__.pyi", "bin/tool", ".lock"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    layers.trim(tmp_path)
    left = {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file()}
    assert left == set(kept)


def test_for_the_emulator_a_layer_is_one_file_that_leads_to_the_packages_and_goes_before_others() -> None:
    folder = layers.lead(layers.PROMETHEUS)
    (told,) = (path for path in folder.rglob("*") if path.is_file())
    # As the emulator does with a layer, before it imports the handler.
    program = f"import site, sys; site.addsitedir({str(told.parent)!r}); print(sys.path[0])"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert Path(found.stdout.strip()) == layers.build(layers.PROMETHEUS, layers.HOST) / "python"
    assert (Path(found.stdout.strip()) / "prometheus_client").is_dir()
