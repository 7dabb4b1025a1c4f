"""Thumbnails of pictures, in a bucket of their own, of whose objects no function is told.

Each lies under a name that no other ever has. It is put there before the result that refers to it is stored, and
deleted after something else has taken that result's place. So what a result refers to is there, whoever ends in
between; at worst one is left behind to which nothing refers.
"""

from __future__ import annotations

import logging
from contextlib import closing

from botocore.exceptions import BotoCoreError, ClientError

from nima.aws import clients
from nima.document.assessment import Jpeg
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
        with clients.translated():
            clients.s3().put_object(Bucket=self._bucket, Key=_key(image.key, name), Body=jpeg, ContentType="image/jpeg")
        return name

    def get(self, key: str, name: str) -> Jpeg | None:
        """A thumbnail of the picture of a key; None where it was deleted.

        Raises:
            Throttled, Internal: S3 did not answer; try again.
        """
        from urllib3.exceptions import HTTPError  # takes a fifth of the query function's start, which seldom needs it

        try:
            with clients.translated(but={"NoSuchKey"}):
                answer = clients.s3().get_object(Bucket=self._bucket, Key=_key(key, name))
                # Entered itself, the body would hand out the bare stream, which checks no checksum.
                with closing(answer["Body"]) as body:
                    return body.read()
        except ClientError:
            return None
        except HTTPError as error:
            raise Internal("The thumbnail could not be read; try again later.", detail=repr(error)) from error

    def delete(self, key: str, name: str) -> None:
        """Deletes a thumbnail to which nothing refers any more. Where that fails it stays, which harms nobody."""
        try:
            clients.s3().delete_object(Bucket=self._bucket, Key=_key(key, name))
        except (ClientError, BotoCoreError) as error:
            logger.warning("a thumbnail of %r was left behind: %r", key, error)


def _key(key: str, name: str) -> str:
    """Where a thumbnail lies: below a digest of its picture's key, which may be as long as S3 allows already."""
    import hashlib

    return f"{hashlib.sha256(key.encode()).hexdigest()}/{name}.jpg"
