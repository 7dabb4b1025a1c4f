"""Bucket notifications to functions, as S3 sends them.

moto 5.2 calls ``moto.s3.notifications.send_event`` for most changes of an object, but

* its records have no sequencer and no version id, and encode ``/`` in the key;
* a completed multipart upload is told twice, once as ``ObjectCreated:Put``;
* a delete marker is not told at all, a deleted version only when it was the last one;
* it wants Docker to run a function;
* it tells before the object's metadata and tags are stored.

Inside ``Notifications`` that one function and ``S3Backend.delete_object`` are replaced. Filters, event names and the
configuration itself stay moto's. Only functions are told: queues, topics and EventBridge are not.
"""

from __future__ import annotations

import itertools
import time
import uuid
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from unittest.mock import patch
from urllib.parse import quote_plus

from moto.s3 import notifications as moto_notifications
from moto.s3.models import S3Backend

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Deliver = Callable[[str, dict[str, Any]], None]
Told = moto_notifications.S3NotificationEvent
EMPTY_ETAG = "d41d8cd98f00b204e9800998ecf8427e"

# Later than every event of earlier days, as the seconds come first: S3 does the same.
_sequence = itertools.count(int(time.time()) << 32)
_held: ContextVar[list[tuple[str, dict[str, Any]]] | None] = ContextVar("held", default=None)


def encode_key(key: str) -> str:
    """A key as it stands in an S3 record: form-encoded UTF-8 (a space is ``+``), but for ``/``."""
    return quote_plus(key, safe="/")


class Notifications:
    """Tells functions about the buckets of this process's moto, in the order of the changes.

    Args:
        deliver: Called with a function's ARN and an event; must not wait for the function.
    """

    def __init__(self, deliver: Deliver) -> None:
        self._deliver = deliver
        self._patches = [
            patch.object(moto_notifications, "send_event", self._changed),
            patch.object(S3Backend, "delete_object", self._telling(S3Backend.delete_object)),
        ]

    def __enter__(self) -> Notifications:
        for replaced in self._patches:
            replaced.start()
        return self

    def __exit__(self, *_: object) -> None:
        for replaced in self._patches:
            replaced.stop()

    def after_requests(self, app: WSGIApplication) -> WSGIApplication:
        """The application with each request's events held back until the request is done."""

        def holding(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            held: list[tuple[str, dict[str, Any]]] = []
            token = _held.set(held)
            try:
                return app(environ, start_response)
            finally:
                _held.reset(token)
                for arn, event in held:
                    self._deliver(arn, event)

        return holding

    def _changed(self, _account: str, event: Told, bucket: Any, key: Any) -> None:
        part_of_multipart = event is Told.OBJECT_CREATED_PUT_EVENT and key.multipart is not None
        if not part_of_multipart and not event.value.startswith("s3:ObjectRemoved"):
            self._tell(event, bucket, key)

    def _telling(self, delete: Callable[..., Any]) -> Callable[..., Any]:
        """The backend's method, followed by one event for each version that it added or removed."""

        def delete_object(backend: Any, bucket_name: str, key_name: str, *args: Any, **kwargs: Any) -> Any:
            bucket = backend.get_bucket(bucket_name)
            before = list(bucket.keys.getlist(key_name, []))
            answer = delete(backend, bucket_name, key_name, *args, **kwargs)
            after = list(bucket.keys.getlist(key_name, []))
            for marker in _without(after, before):
                self._tell(Told.OBJECT_REMOVED_DELETE_MARKER_CREATED_EVENT, bucket, marker)
            for removed in _without(before, after):
                self._tell(Told.OBJECT_REMOVED_DELETE_EVENT, bucket, removed)
            return answer

        return delete_object

    def _tell(self, event: Told, bucket: Any, key: Any) -> None:
        sequencer = _next_sequencer()
        configuration = bucket.notification_configuration
        for notification in configuration.cloud_function if configuration else ():
            if notification.matches(event.value, key.name):
                told = {"Records": [_record(event, bucket, key, notification.id, sequencer)]}
                held = _held.get()
                if held is None:
                    self._deliver(notification.arn, told)
                else:
                    held.append((notification.arn, told))


def created_event(bucket: Any, key: Any) -> dict[str, Any]:
    """The event that tells of an object of moto as if it had just been written."""
    return {"Records": [_record(Told.OBJECT_CREATED_PUT_EVENT, bucket, key, "local", _next_sequencer())]}


def _next_sequencer() -> str:
    return f"{next(_sequence):018X}"


def _without(versions: list[Any], others: list[Any]) -> list[Any]:
    return [version for version in versions if not any(version is other for other in others)]


def _record(event: Told, bucket: Any, key: Any, configuration_id: str, sequencer: str) -> dict[str, Any]:
    """One record, version 2.1. A created object has a size and an eTag, a delete marker an empty file's eTag."""
    thing: dict[str, Any] = {"key": encode_key(key.name)}
    if event.value.startswith("s3:ObjectCreated"):
        thing |= {"size": key.size, "eTag": key.etag.strip('"')}
    elif event is Told.OBJECT_REMOVED_DELETE_MARKER_CREATED_EVENT:
        thing["eTag"] = EMPTY_ETAG
    if key.version_id != "null":
        thing["versionId"] = key.version_id
    thing["sequencer"] = sequencer
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    return {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": bucket.region_name,
        "eventTime": now.replace("+00:00", "Z"),
        "eventName": event.value.removeprefix("s3:"),
        "userIdentity": {"principalId": "AWS:LOCAL"},
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {"x-amz-request-id": uuid.uuid4().hex[:16].upper(), "x-amz-id-2": uuid.uuid4().hex},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": configuration_id,
            "bucket": {"name": bucket.name, "ownerIdentity": {"principalId": "LOCAL"}, "arn": bucket.arn},
            "object": thing,
        },
    }
