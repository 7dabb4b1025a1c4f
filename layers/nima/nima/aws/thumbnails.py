"""Thumbnails of pictures and, where somebody asked for them, maps, in a bucket of whose objects no function is told.

Each lies under a name that no other ever has. It is put there before the result that refers to it is stored, and
deleted after something else has taken that result's place. So what a result refers to is there, whoever ends in
between; at worst one is left behind to which nothing refers. A result's maps lie beside its thumbnail and go with it.
"""

from __future__ import annotations

import logging
from contextlib import closing

from botocore.exceptions import BotoCoreError, ClientError

from nima.aws import clients
from nima.document.assessment import Jpeg
from nima.document.maps import KeptMaps, Maps
from nima.document.read import FAILURES, read
from nima.document.result import ObjectRef
from nima.errors import Internal

logger = logging.getLogger(__name__)


class Thumbnails:
    """The thumbnails in a bucket, by their pictures' keys and the names that ``put`` gives them."""

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    def put(self, image: ObjectRef, jpeg: Jpeg) -> str:
        """Keeps the thumbnail of one version of a picture; its name.

        Raises:
            Throttled, Internal: S3 did not take it; try again.
        """
        import secrets

        name = f"{image.etag or image.version_id}-{secrets.token_urlsafe(8)}"
        self._put(_key(image.key, name), jpeg, "image/jpeg")
        return name

    def put_maps(self, key: str, name: str, maps: Maps) -> None:
        """Keeps a picture's maps beside its thumbnail.

        Raises:
            Throttled, Internal: S3 did not take them; try again.
        """
        import json

        body = json.dumps(KeptMaps(maps).to_json(), separators=(",", ":")).encode()
        self._put(_maps_key(key, name), body, "application/json")

    def get(self, key: str, name: str) -> Jpeg | None:
        """A thumbnail of the picture of a key; None where it was deleted.

        Raises:
            Throttled, Internal: S3 did not answer; try again.
        """
        return self._get(_key(key, name))

    def maps(self, key: str, name: str) -> Maps | None:
        """The maps beside a thumbnail; None where nobody asked for any, or they were deleted.

        Raises:
            Throttled, Internal: S3 did not answer; try again.
        """
        import json

        body = self._get(_maps_key(key, name))
        try:
            return None if body is None else read(KeptMaps, json.loads(body), {}).maps
        except FAILURES as error:
            logger.warning("the maps of %r cannot be read: %r", key, error)
            return None

    def delete(self, key: str, name: str) -> None:
        """Deletes a thumbnail to which nothing refers any more, and its maps.

        Where that fails they stay, which harms nobody.
        """
        try:
            for place in (_key(key, name), _maps_key(key, name)):
                clients.s3().delete_object(Bucket=self._bucket, Key=place)
        except (ClientError, BotoCoreError) as error:
            logger.warning("a thumbnail of %r was left behind: %r", key, error)

    def _put(self, place: str, body: bytes, content_type: str) -> None:
        with clients.translated():
            clients.s3().put_object(Bucket=self._bucket, Key=place, Body=body, ContentType=content_type)

    def _get(self, place: str) -> bytes | None:
        from urllib3.exceptions import HTTPError  # takes a fifth of the query function's start, which seldom needs it

        try:
            with clients.translated(but={"NoSuchKey"}):
                answer = clients.s3().get_object(Bucket=self._bucket, Key=place)
                # Entered itself, the body would hand out the bare stream, which checks no checksum.
                with closing(answer["Body"]) as body:
                    return body.read()
        except ClientError:
            return None
        except HTTPError as error:
            raise Internal("The thumbnail could not be read; try again later.", detail=repr(error)) from error


def _maps_key(key: str, name: str) -> str:
    return f"{_key(key, name).removesuffix('.jpg')}.maps.json"


def _key(key: str, name: str) -> str:
    """Where a thumbnail lies: below a digest of its picture's key, which may be as long as S3 allows already."""
    import hashlib

    return f"{hashlib.sha256(key.encode()).hexdigest()}/{name}.jpg"
