"""What the demo compares: the files that it asked for, among all samples that the store has."""

import json
from pathlib import Path

from infra_cdk import samples
from infra_cdk.demo import differences

SMALL = 70000


def manifest(folder: Path) -> Path:
    ids = [SMALL, *samples.ARCHIVED]
    files = {
        str(each): {"key": f"downloads/{each}.zip", "sha256": samples.sha256(samples.sample(each))}
        for each in ids
    }
    path = folder / "samples.json"
    path.write_text(json.dumps({"files": files}))
    return path


def test_archived_samples_are_not_missed(tmp_path: Path) -> None:
    told, got = manifest(tmp_path), tmp_path / "demo"
    got.mkdir()
    (got / f"{SMALL}.zip").write_bytes(samples.sample(SMALL))
    assert differences(got, told) == []


def test_what_is_missing_other_or_too_much_is_named(tmp_path: Path) -> None:
    told, got = manifest(tmp_path), tmp_path / "demo"
    got.mkdir()
    (got / "1.zip").write_bytes(b"")
    assert differences(got, told) == [f"{SMALL}.zip: not on disk", "1.zip: nobody asked for it"]
    (got / f"{SMALL}.zip").write_bytes(b"other")
    assert f"{SMALL}.zip: its bytes differ" in differences(got, told)
