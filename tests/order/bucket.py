"""A bucket whose every change makes the event that S3 sends of it, from the documents of ``events/``."""

from __future__ import annotations

import copy
import itertools
import json
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

EVENTS = Path(__file__).resolve().parents[2] / "events"


@cache
def _document(name: str) -> str:
    return (EVENTS / f"{name}.json").read_text(encoding="utf-8")


def event(name: str, bucket: str, key: str, **thing: Any) -> dict[str, Any]:
    """An event document that tells of another object: what it says of its own is left out, None as well."""
    document: dict[str, Any] = copy.deepcopy(json.loads(_document(name)))
    kept = {part: value for part, value in thing.items() if value is not None}
    if name.startswith("eventbridge"):
        renamed = {"versionId": "version-id", "eTag": "etag"}
        detail = document["detail"]
        detail["bucket"]["name"] = bucket
        detail["object"] = {"key": key, **{renamed.get(part, part): value for part, value in kept.items()}}
    else:
        s3 = document["Records"][0]["s3"]
        s3["bucket"] |= {"name": bucket, "arn": f"arn:aws:s3:::{bucket}"}
        s3["object"] = {"key": quote_plus(key, safe="/"), **kept}
    return document


class Bucket:
    """A bucket of moto.

    Args:
        client: A client of S3 that no fault comes between.
        name: The bucket's name; it is made, without versions yet.

    Attributes:
        events: The events of its changes, the earliest first. Whoever sends one takes it out.
        told: How many there were.
    """

    def __init__(self, client: Any, name: str) -> None:
        self.name = name
        self.events: list[dict[str, Any]] = []
        self.told = 0
        self._client = client
        self._versions: dict[str, list[tuple[str, bool]]] = {}
        self._ticks = itertools.count(1)
        client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})

    def keep_versions(self) -> None:
        self._client.put_bucket_versioning(Bucket=self.name, VersioningConfiguration={"Status": "Enabled"})

    def put(self, key: str, body: bytes, metadata: dict[str, str], *, bridge: bool = False) -> None:
        answer = self._client.put_object(Bucket=self.name, Key=key, Body=body, Metadata=metadata)
        self.was_put(key, answer, len(body), bridge=bridge)

    def was_put(self, key: str, answer: Any, size: int, *, bridge: bool = False) -> None:
        """Tells of an object that somebody else has put."""
        self._remember(key, answer.get("VersionId"), marker=False)
        name = "eventbridge-created" if bridge else "s3-put"
        self._tell(name, key, size=size, eTag=answer["ETag"].strip('"'), versionId=answer.get("VersionId"))

    def delete(self, key: str, *, expired: bool = False, bridge: bool = False) -> None:
        """Hides an object behind a delete marker; without versions it is gone."""
        marker = self._client.delete_object(Bucket=self.name, Key=key).get("VersionId")
        if marker:
            self._remember(key, marker, marker=True)
        else:
            self._versions.pop(key, None)
        if expired:
            self._tell("eventbridge-expired" if bridge else "s3-expired", key, ordered=False, versionId=marker)
        else:
            name = "eventbridge-deleted" if bridge else "s3-delete-marker" if marker else "s3-delete"
            self._tell(name, key, versionId=marker)

    def delete_version(self, key: str, version: str, *, expired: bool = False) -> None:
        """Deletes a version or a delete marker for good."""
        self._client.delete_object(Bucket=self.name, Key=key, VersionId=version)
        self._versions[key] = [kept for kept in self._versions[key] if kept[0] != version]
        if expired:
            self._tell("s3-expired-for-good", key, ordered=False)
        else:
            self._tell("s3-delete-old-version", key, versionId=version)

    def versions(self, key: str) -> list[tuple[str, bool]]:
        """The versions of a key, the latest first, and whether each is a delete marker."""
        return list(self._versions.get(key, ()))

    def shown(self, key: str) -> Any:
        """What the bucket shows of a key; None where it shows nothing."""
        try:
            return self._client.get_object(Bucket=self.name, Key=key)
        except self._client.exceptions.NoSuchKey:
            return None

    def _remember(self, key: str, version: str | None, *, marker: bool) -> None:
        """An object from before versions is the version ``null``, and takes the place of the one before it."""
        others = [kept for kept in self._versions.get(key, ()) if version or kept[0] != "null"]
        self._versions[key] = [(version or "null", marker), *others]

    def _tell(self, name: str, key: str, *, ordered: bool = True, **thing: Any) -> None:
        tick = next(self._ticks)
        # Of varying length, so that only the padded ones compare rightly; a lifecycle's is a midnight long before.
        sequencer = f"0061{tick:06X}" + "A" * (tick % 3) if ordered else [None, "0061"][tick % 2]
        self.told += 1
        self.events.append(event(name, self.name, key, sequencer=sequencer, **thing))
