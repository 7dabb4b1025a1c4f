"""What happened to which object: S3 notifications, EventBridge events and lists of keys, read into one form.

Every record and every key is read on its own: one that cannot be read is ``Malformed`` and takes no other with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from nima.aws.sequencer import HEXADECIMAL, pad_sequencer
from nima.catalogue.folders import MAX_KEY_BYTES
from nima.document.result import ObjectRef
from nima.errors import InvalidRequest
from nima.parts import Part

MAX_KEYS = 100
"""Keys of one event: what is scored within the function's time-out, with a retry or two where pictures are large."""

_MOST_BYTES = 2**53
_BUCKET = re.compile(r"[A-Za-z0-9._-]{1,255}")
_ETAG = re.compile(r"[!-~]{1,1024}")


@dataclass(frozen=True)
class Created:
    """An object, or a new version of one, was written. ``sequencer`` is None where it says nothing about the order."""

    image: ObjectRef
    sequencer: str | None


@dataclass(frozen=True)
class Deleted:
    """An object, a version of one, or a delete marker was deleted, or hidden behind a delete marker."""

    image: ObjectRef
    sequencer: str | None


@dataclass(frozen=True)
class Named:
    """Somebody asks to score the object as it is now."""

    image: ObjectRef


@dataclass(frozen=True)
class Malformed:
    """A record or key that cannot be read; the error names the part of the event."""

    error: InvalidRequest


Change = Created | Deleted | Named


def read_changes(event: Any, bucket: str) -> list[Change | Malformed]:
    """The changes that an event reports, in its order.

    Args:
        event: An S3 notification, an S3 event from EventBridge, or ``{"keys": [...]}`` with at most ``MAX_KEYS`` plain
            keys. It may be any JSON value.
        bucket: The bucket that plain keys lie in. What an event tells of another one is malformed, as results are
            stored by their keys alone; empty takes any.

    Raises:
        InvalidRequest: The event is none of these.
    """
    whole = Part(event)
    if whole.find("Event") == "s3:TestEvent":
        return []
    if whole.has("Records"):
        return [_read(_from_notification, record, bucket) for record in whole["Records"].parts()]
    if whole.find("source") == "aws.s3":
        return [_read(_from_eventbridge, whole, bucket)]
    if whole.has("keys"):
        keys = whole["keys"].parts()
        if len(keys) > MAX_KEYS:
            raise InvalidRequest(f"keys: at most {MAX_KEYS}, not {len(keys)}; send them in several events.")
        return [_read(_from_key, key, bucket) for key in keys]
    raise InvalidRequest('The event is neither one of S3 (with "Records", or from EventBridge) nor a list of "keys".')


def _read(reader: Callable[[Part, str], Change], part: Part, bucket: str) -> Change | Malformed:
    try:
        return reader(part, bucket)
    except InvalidRequest as error:
        return Malformed(error)


def _from_key(key: Part, bucket: str) -> Change:
    return Named(ObjectRef(bucket, key.text()))


def _from_notification(record: Part, bucket: str) -> Change:
    name, s3 = record["eventName"], record["s3"]
    found = s3["object"]
    image = _image(_own(s3["bucket"]["name"], bucket), _decoded(found["key"]), found, "eTag", "versionId")
    return _change(name, image, found, expired=name.text().startswith("LifecycleExpiration:"))


def _from_eventbridge(event: Part, bucket: str) -> Change:
    detail, name = event["detail"], event["detail-type"]
    found = detail["object"]
    image = _image(_own(detail["bucket"]["name"], bucket), found["key"], found, "etag", "version-id")
    return _change(name, image, found, expired=detail.find("reason") == "Lifecycle Expiration")


def _decoded(key: Part) -> Part:
    """The key of a notification, which is form-encoded."""
    key.expect(str, "text")
    try:
        return Part(unquote_plus(key.value, errors="strict"), key.where)
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"{key.where}: not UTF-8 once it is decoded.") from error


def _own(name: Part, bucket: str) -> str:
    """The name of a bucket that has to be the stack's own."""
    named = _matching(name, _BUCKET, "a bucket's name")
    if bucket and named != bucket:
        raise InvalidRequest(f"{name.where}: {named} is not the bucket of this stack, {bucket}.")
    return named


def _image(bucket: str, key: Part, found: Part, etag: str, version_id: str) -> ObjectRef:
    tag, version, size = found.optional(etag), found.optional(version_id), found.optional("size")
    return ObjectRef(
        bucket=bucket,
        key=key.text(MAX_KEY_BYTES),
        etag=_matching(tag, _ETAG, "an entity tag") if tag else None,
        version_id=version.text() if version else None,
        bytes=size.count(_MOST_BYTES) if size else None,
    )


def _change(name: Part, image: ObjectRef, found: Part, *, expired: bool) -> Change:
    made, sequencer = name.text(), found.optional("sequencer")
    padded = pad_sequencer(_matching(sequencer, HEXADECIMAL, "a hexadecimal number")) if sequencer else None
    if made.startswith(("ObjectCreated:", "Object Created")):
        return Created(image, padded)
    if made.startswith(("ObjectRemoved:", "Object Deleted", "LifecycleExpiration:")):
        # A lifecycle's sequencer is that of the midnight at which its rule applied, before events that came before it.
        return Deleted(image, None if expired else padded)
    raise InvalidRequest(f"{name.where}: it tells of neither a created nor a deleted object.")


def _matching(part: Part, pattern: re.Pattern[str], expected: str) -> str:
    text = part.text()
    if not pattern.fullmatch(text):
        raise InvalidRequest(f"{part.where}: {expected}.")
    return text
