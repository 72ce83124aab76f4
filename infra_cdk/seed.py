"""Putting the sample files into a bucket, and writing down what was put there."""

import json
from collections.abc import Mapping
from pathlib import Path

from mypy_boto3_s3 import S3Client
from mypy_boto3_s3.literals import StorageClassType

from infra_cdk import samples


def seed(
    s3: S3Client,
    bucket: str,
    key_template: str,
    manifest: Path,
    archived: Mapping[int, StorageClassType],
) -> int:
    """Upload every sample file under its key, some into an archive's storage class; returns how many.

    `manifest` gets JSON: `{"files": {id: {key, size, sha256}}, "missing": [id]}`.
    """
    files: dict[str, dict[str, str | int]] = {}
    classes: dict[int, StorageClassType] = {**dict.fromkeys(samples.SIZES, "STANDARD"), **archived}
    for file_id, storage_class in classes.items():
        content, key = samples.sample(file_id), key_template.format(file_id=file_id)
        s3.put_object(
            Bucket=bucket,
            Key=key,
            Body=content,
            ContentType="application/zip",
            StorageClass=storage_class,
        )
        files[str(file_id)] = {"key": key, "size": len(content), "sha256": samples.sha256(content)}
    manifest.write_text(json.dumps({"files": files, "missing": [samples.MISSING]}, indent=2))
    return len(files)
