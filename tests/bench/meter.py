"""Counts what the functions ask AWS for, in the units that AWS bills."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import boto3

WRITE_BYTES, READ_BYTES = 1024, 4096
"""What one unit of DynamoDB writes or reads at most."""

TRANSACTION = 2
"""How many times as much a transaction writes; what an index is told of is no part of it."""

INDEXES = (("collection", "key"), ("category", "score"))
"""The keys of the table's indexes. Each has the whole item, where that has both parts of its key."""


@dataclass
class Meter:
    """What was asked for.

    Attributes:
        operations: How often each operation was called, as in ``s3.PutObject``.
        units: Write units by what was written: ``image``, ``index``, ``thumbnail``.
        counted: How often counters were added to.
        counters: The names of those counters.
        read: Keys of the items that were read consistently, one for each time.
        put: Bytes of all bodies that were put into S3.
        stored: Bytes of all results' items.
    """

    operations: Counter[str] = field(default_factory=Counter)
    units: Counter[str] = field(default_factory=Counter)
    counted: int = 0
    counters: set[str] = field(default_factory=set)
    read: list[str] = field(default_factory=list)
    put: int = 0
    stored: int = 0

    def take(self) -> Meter:
        """What was counted until now; counting begins anew."""
        taken = replace(self)
        self.__dict__.update(Meter().__dict__)
        return taken

    @contextmanager
    def running(self) -> Iterator[None]:
        """Counts the calls of clients that are made inside."""
        boto3.setup_default_session()
        session = boto3.DEFAULT_SESSION
        assert session
        session.events.register("before-call", self._count)
        try:
            yield
        finally:
            boto3.DEFAULT_SESSION = None

    def _count(self, model: Any, params: Mapping[str, Any], **_: Any) -> None:
        service = model.service_model.service_name
        self.operations[f"{service}.{model.name}"] += 1
        if model.name == "PutObject":
            self.put += _length(params["body"])
        if model.name == "GetItem":
            self.read.append(json.loads(params["body"])["Key"]["pk"]["S"])
        if model.name == "BatchGetItem":
            for asked in json.loads(params["body"])["RequestItems"].values():
                self.read += [key["pk"]["S"] for key in asked["Keys"]]
        if model.name == "TransactWriteItems":
            for change in json.loads(params["body"])["TransactItems"]:
                self._write(change)

    def _write(self, change: Mapping[str, Any]) -> None:
        ((action, what),) = change.items()
        pk = str((what.get("Item") or what["Key"])["pk"]["S"])
        kind = pk.partition("#")[0]
        if kind == "stats":
            self.counted += 1
            self.counters.update(what["ExpressionAttributeNames"].values())
        if action != "Put":
            return
        size = item_size(what["Item"])
        self.units[kind] += TRANSACTION * units(size)
        if kind == "image":
            self.stored += size
            self.units["index"] += sum(units(size) for keys in INDEXES if set(keys) <= what["Item"].keys())


def units(size: int, each: int = WRITE_BYTES) -> int:
    """Units that an item of a size takes; at least one."""
    return max(1, math.ceil(size / each))


def item_size(item: Mapping[str, Any]) -> int:
    """Bytes of an item in DynamoDB's own JSON, by the rules of its developer guide (Item sizes and formats)."""
    return sum(len(name.encode()) + _size(value) for name, value in item.items())


def _size(value: Mapping[str, Any]) -> int:
    ((kind, content),) = value.items()
    if kind == "S":
        return len(content.encode())
    if kind == "B":
        return len(content) * 3 // 4  # base64
    if kind == "N":
        digits = content.lstrip("-").replace(".", "").strip("0")
        return math.ceil(len(digits) / 2) + 1
    if kind == "M":
        return 3 + sum(1 + len(name.encode()) + _size(item) for name, item in content.items())
    if kind == "L":
        return 3 + sum(1 + _size(item) for item in content)
    return 1


def _length(body: Any) -> int:
    if isinstance(body, bytes | bytearray):
        return len(body)
    at = body.tell()
    size = body.seek(0, 2)
    body.seek(at)
    return int(size)
