"""The built demo page, and how the local cloud gets it into its bucket."""

import json
import mimetypes
from collections.abc import Mapping
from pathlib import Path

from mypy_boto3_s3 import S3Client

from infra_cdk.built import ROOT
from infra_cdk.demo_page_files import ALWAYS_ASK, FOR_A_YEAR, HASHED, SETTINGS_FILE

PAGE = ROOT / "template-samples" / "react" / "dist"


def built_page(folder: Path = PAGE) -> Path:
    """Where the built page is. Raises FileNotFoundError, with the command that builds it, when it is not."""
    if not (folder / "index.html").exists():
        raise FileNotFoundError(f"DEMO_PAGE is true, and {folder} is not built: `make page` does it")
    return folder


def put_page(s3: S3Client, bucket: str, folder: Path, settings: Mapping[str, object]) -> None:
    """What the CDK's bucket deployment does on AWS; the emulator has no AWS command line for it."""
    files = {each.relative_to(folder).as_posix(): each for each in folder.rglob("*") if each.is_file()}
    # First what is named by its content: index.html, which names it, must find it there.
    for key in sorted(files, key=lambda key: (not _hashed(key), key)):
        _put(s3, bucket, key, files[key].read_bytes())
    _put(s3, bucket, SETTINGS_FILE, json.dumps(settings).encode())


def _hashed(key: str) -> bool:
    return key.startswith(f"{HASHED}/")


def _put(s3: S3Client, bucket: str, key: str, body: bytes) -> None:
    kind = mimetypes.guess_type(key)[0] or "application/octet-stream"
    caching = FOR_A_YEAR if _hashed(key) else ALWAYS_ASK
    s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType=kind, CacheControl=caching)
