"""What happened to which object: S3 notifications, EventBridge events and lists of keys, read into one form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from nima.assess.assessment import ObjectRef
from nima.errors import InvalidRequest

SEQUENCER_DIGITS = 64
FIRST_SEQUENCER = "0" * SEQUENCER_DIGITS
"""Lower than any sequencer that S3 gives."""

_HEXADECIMAL = re.compile(rf"[0-9A-Fa-f]{{1,{SEQUENCER_DIGITS}}}")
_MAX_KEYS = 1000


@dataclass(frozen=True)
class Created:
    """An object, or a new version of one, was written."""

    image: ObjectRef
    sequencer: str


@dataclass(frozen=True)
class Deleted:
    """An object was deleted; ``whole`` unless only one named version of it was."""

    image: ObjectRef
    sequencer: str
    whole: bool


@dataclass(frozen=True)
class Named:
    """Somebody asks to score the object as it is now."""

    image: ObjectRef


Change = Created | Deleted | Named


def pad_sequencer(sequencer: str) -> str:
    """A sequencer in the form that compares as text.

    S3's sequencers are hexadecimal numbers of varying length, to be compared after padding the shorter on the right
    with zeros (Amazon S3 User Guide, Event message structure).

    Raises:
        InvalidRequest: It is not hexadecimal, or longer than ``SEQUENCER_DIGITS``.
    """
    if not _HEXADECIMAL.fullmatch(sequencer):
        raise InvalidRequest("sequencer: a hexadecimal number.", detail=repr(sequencer[:100]))
    return sequencer.upper().ljust(SEQUENCER_DIGITS, "0")


def read_changes(event: Mapping[str, Any], bucket: str) -> list[Change]:
    """The changes that an event reports, in its order.

    Args:
        event: An S3 notification, an S3 event from EventBridge, or ``{"keys": [...]}`` with plain keys.
        bucket: The bucket that plain keys lie in.

    Raises:
        InvalidRequest: The event is none of these, or lacks a part.
    """
    try:
        if event.get("Event") == "s3:TestEvent":
            return []
        if "Records" in event:
            return [_from_notification(record) for record in event["Records"]]
        if event.get("source") == "aws.s3":
            return [_from_eventbridge(event)]
        if "keys" in event:
            return _from_keys(event["keys"], bucket)
    except (KeyError, TypeError, AttributeError) as error:
        raise InvalidRequest("The event lacks a part.", detail=repr(error)) from error
    raise InvalidRequest("The event is neither an S3 event nor a list of keys.", detail=f"parts: {sorted(event)}")


def _from_notification(record: Mapping[str, Any]) -> Change:
    s3, name = record["s3"], record["eventName"]
    found = s3["object"]
    return _change(
        name,
        ObjectRef(
            bucket=s3["bucket"]["name"],
            key=unquote_plus(found["key"], errors="strict"),
            etag=found.get("eTag"),
            version_id=found.get("versionId"),
            bytes=found.get("size"),
        ),
        found["sequencer"],
        whole=name != "ObjectRemoved:Delete" or not found.get("versionId"),
    )


def _from_eventbridge(event: Mapping[str, Any]) -> Change:
    detail = event["detail"]
    found = detail["object"]
    name = {"Object Created": "ObjectCreated", "Object Deleted": "ObjectRemoved"}.get(event["detail-type"], "")
    return _change(
        name,
        ObjectRef(
            bucket=detail["bucket"]["name"],
            key=found["key"],
            etag=found.get("etag"),
            version_id=found.get("version-id"),
            bytes=found.get("size"),
        ),
        found["sequencer"],
        whole=detail.get("deletion-type") != "Permanently Deleted" or not found.get("version-id"),
    )


def _change(name: str, image: ObjectRef, sequencer: str, *, whole: bool) -> Change:
    if name.startswith("ObjectCreated"):
        return Created(image, pad_sequencer(sequencer))
    if name.startswith("ObjectRemoved"):
        return Deleted(image, pad_sequencer(sequencer), whole)
    raise InvalidRequest("The event reports neither a created nor a deleted object.", detail=name)


def _from_keys(keys: Any, bucket: str) -> list[Change]:
    if not isinstance(keys, list) or not all(isinstance(key, str) and key for key in keys):
        raise InvalidRequest("keys: a list of object keys.")
    if len(keys) > _MAX_KEYS:
        raise InvalidRequest(f"keys: at most {_MAX_KEYS}.")
    return [Named(ObjectRef(bucket, key)) for key in keys]
