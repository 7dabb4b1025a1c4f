"""Leaves of botocore's descriptions of AWS what the score image calls: ``python trim_botocore.py .../botocore/data``.

A client reads the description of its whole service and makes a method of every operation, and the first client of a
process reads the end points of all of AWS. For S3 that is a tenth of a cold start at one processor, of which one
operation in fifty is called.
"""

from __future__ import annotations

import gzip
import json
import shutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

OPERATIONS: dict[str, frozenset[str]] = {
    # What the image calls, and what the libraries call by themselves: DescribeEndpoints finds an end point, HeadBucket
    # a bucket's region, CreateSession signs for directory buckets, and boto3's table has the form of DescribeTable.
    "dynamodb": frozenset(
        {"BatchGetItem", "DescribeEndpoints", "DescribeTable", "GetItem", "Query", "TransactWriteItems"}
    ),
    "events": frozenset({"PutEvents"}),
    "s3": frozenset({"CreateSession", "DeleteObject", "GetObject", "HeadBucket", "PutObject"}),
    "sts": frozenset({"AssumeRole", "AssumeRoleWithWebIdentity"}),
}
"""The operations that are left, by service; all other services go."""

_SERVICE, _RULES, _ENDPOINTS = "service-2", "endpoint-rule-set-1", "endpoints"


def trim(data: Path) -> None:
    """Trims the folder in place.

    Raises:
        LookupError: botocore does not know a service or an operation.
    """
    for folder in [path for path in data.iterdir() if path.is_dir() and path.name not in OPERATIONS]:
        shutil.rmtree(folder)
    for service, names in OPERATIONS.items():
        # Clients take the latest version.
        *older, latest = sorted(path for path in (data / service).iterdir() if path.is_dir())
        for folder in older:
            shutil.rmtree(folder)
        _write(latest / _SERVICE, only(_read(latest / _SERVICE), names))
        _write(latest / _RULES, _read(latest / _RULES))
    endpoints = _read(data / _ENDPOINTS)
    for partition in endpoints["partitions"]:
        partition["services"] = {name: s for name, s in partition["services"].items() if name in OPERATIONS}
    _write(data / _ENDPOINTS, endpoints)


def only(description: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """A service's description with no more than some of its operations, and the shapes that these are made of.

    Raises:
        LookupError: There is no such operation.
    """
    operations = {name: description["operations"][name] for name in sorted(names)}
    shapes: dict[str, Any] = {}
    wanted = list(_shapes(operations))
    while wanted:
        name = wanted.pop()
        if name not in shapes:
            shapes[name] = description["shapes"][name]
            wanted += _shapes(shapes[name])
    return {**description, "operations": operations, "shapes": shapes}


def _shapes(part: Any) -> Iterator[str]:
    """The names of the shapes that a part of a description refers to."""
    if isinstance(part, list):
        for value in part:
            yield from _shapes(value)
    elif isinstance(part, dict):
        for name, value in part.items():
            # A member may be named "shape" as well; what it is, is no text.
            if name == "shape" and isinstance(value, str):
                yield value
            else:
                yield from _shapes(value)


def _read(path: Path) -> Any:
    plain = path.with_name(f"{path.name}.json")
    if plain.exists():
        return json.loads(plain.read_text(encoding="utf-8"))
    return json.loads(gzip.decompress(path.with_name(f"{path.name}.json.gz").read_bytes()))


def _write(path: Path, document: Any) -> None:
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False)
    path.with_name(f"{path.name}.json").write_text(text, encoding="utf-8")
    path.with_name(f"{path.name}.json.gz").unlink(missing_ok=True)


if __name__ == "__main__":
    trim(Path(sys.argv[1]))
