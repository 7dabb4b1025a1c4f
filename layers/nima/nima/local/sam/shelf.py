"""The objects of the AWS for ``sam local``: what events tell of, put there without telling anybody.

S3 gives version ids and eTags, nobody can ask for one; the functions ask for those that an event names. So these
objects are put past S3's own API, over HTTP at ``/_nima/``:

* ``GET /_nima/`` names the bucket to upload to,
* ``POST /_nima/events`` takes an event document and puts what it tells of, where that was not done before,
* ``PUT /_nima/objects/<bucket>/<key>`` puts an object and answers with the event that tells of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any

from moto.s3.models import s3_backends
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from nima.aws.events import Created, Malformed, read_changes
from nima.document.result import ObjectRef
from nima.errors import InvalidRequest, NimaError
from nima.local.aws import ACCOUNT_ID, REGION
from nima.local.notifications import created_event
from nima.local.sam.documents import is_request, read_document

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

PREFIX = "/_nima"
_ROUTES = Map(
    [
        Rule("/", endpoint="about", methods=["GET"]),
        Rule("/events", endpoint="events", methods=["POST"]),
        Rule("/objects/<bucket>/<path:key>", endpoint="put", methods=["PUT"]),
    ],
    merge_slashes=False,
)


class Shelf:
    """Puts objects into this process's moto.

    Args:
        bucket: The bucket to upload to.
        pictures: What objects of events are made of, in turns.

    Attributes:
        made: Called with the name of each bucket that was made.
    """

    def __init__(self, bucket: str, pictures: Iterable[Path]) -> None:
        self.bucket = bucket
        self.made: Callable[[str], None] = lambda _: None
        self._pictures = cycle(pictures)
        self._put: set[tuple[str, str, str | None]] = set()

    def put_told(self, documents: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
        """Puts every object of which event documents tell, in the order in which they were written.

        Yields:
            For each document that cannot be used its name and the reason.
        """
        written: dict[tuple[str, str, str], ObjectRef] = {}
        sources: dict[tuple[str, str, str], str] = {}
        for name, document in documents.items():
            try:
                changes = [] if is_request(document) else read_changes(document, bucket="")
            except InvalidRequest as error:
                yield f"{name}: {error.message}"
                continue
            for change in changes:
                if isinstance(change, Malformed):
                    yield f"{name}: {change.error.message}"
                elif isinstance(change, Created):
                    place = change.sequencer or "", change.image.bucket, change.image.key
                    written[place], sources[place] = change.image, name
        for place, image in sorted(written.items(), key=lambda item: item[0]):
            try:
                self._put_once(image)
            except HTTPException as error:
                yield f"{sources[place]}: {error.description}"

    def make_bucket(self, name: str) -> None:
        """Makes a bucket with versions, unless it is there."""
        if name in _s3().buckets:
            return
        _s3().create_bucket(name, REGION)
        _s3().put_bucket_versioning(name, "Enabled")
        self.made(name)

    def put(self, bucket: str, key: str, body: bytes) -> dict[str, Any]:
        """Puts an object; the event that tells of it."""
        self.make_bucket(bucket)
        stored = _s3().put_object(bucket, key, body, disable_notification=True)
        return created_event(_s3().get_bucket(bucket), stored)

    def beside(self, app: WSGIApplication) -> WSGIApplication:
        """An application that answers what is asked of this shelf, and leaves everything else to another one."""

        return DispatcherMiddleware(app, {PREFIX: Request.application(self._answer)})

    def _answer(self, request: Request) -> Response:
        try:
            endpoint, arguments = _ROUTES.bind_to_environ(request.environ).match()
            answer: Any = None
            if endpoint == "about":
                answer = {"bucket": self.bucket}
            elif endpoint == "events":
                answer = {"problems": list(self.put_told({"event": request.get_json(force=True)}))}
            else:
                answer = self.put(**arguments, body=request.get_data())
        except HTTPException as error:
            return Response(json.dumps({"message": error.description}), error.code)
        except NimaError as error:
            return Response(json.dumps({"message": error.message}), error.status)
        return Response(json.dumps(answer), content_type="application/json")

    def _put_once(self, image: ObjectRef) -> None:
        place = image.bucket, image.key, image.version_id
        if place in self._put:
            return
        self._put.add(place)
        self.make_bucket(image.bucket)
        body = next(self._pictures).read_bytes() if image.bytes != 0 else b""
        stored: Any = _s3().put_object(image.bucket, image.key, body, disable_notification=True)
        if image.version_id:
            stored._version_id = image.version_id
        if image.etag:
            stored._etag = image.etag


def _s3() -> Any:
    return s3_backends[ACCOUNT_ID]["aws"]


def read_documents(folder: Path) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """The event documents of a folder by their names, and what is wrong with those that cannot be read."""
    documents, problems = {}, []
    for path in sorted(folder.glob("*.json")):
        try:
            documents[f"{folder.name}/{path.name}"] = read_document(path)
        except InvalidRequest as error:
            problems.append(error.message)
    return documents, problems
