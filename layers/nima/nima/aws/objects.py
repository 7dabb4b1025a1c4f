"""Reading one object from S3, never more of it than the limits allow."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from urllib3.exceptions import HTTPError

from nima.assess.assessment import ObjectRef
from nima.aws import clients
from nima.errors import Internal
from nima.image.limits import Limits

# A version that became a delete marker answers MethodNotAllowed; another ETag than expected is a newer object.
_GONE = {"NoSuchKey", "NoSuchVersion", "404", "MethodNotAllowed", "PreconditionFailed", "412", "405"}


class Gone(Exception):
    """The object, or the version that the event was about, is no longer there."""


@dataclass(frozen=True)
class StoredObject:
    """An object's bytes, its full reference and its user metadata."""

    image: ObjectRef
    data: bytes
    metadata: Mapping[str, str]


def fetch(image: ObjectRef, limits: Limits) -> StoredObject:
    """Downloads exactly the version that is meant.

    Args:
        image: With a version id, that version; else with an ETag, only if the object still has it.
        limits: The size is checked before any of the body is read.

    Raises:
        Gone: That version is not there any more.
        ImageTooLarge: It is larger than the limits allow.
        Throttled, Internal: S3 did not answer; try again.
    """
    which: dict[str, Any] = {}
    if image.version_id:
        which["VersionId"] = image.version_id
    elif image.etag:
        which["IfMatch"] = image.etag
    try:
        answer = clients.s3().get_object(Bucket=image.bucket, Key=image.key, **which)
        # Entered itself, the body would hand out the bare stream, which checks no checksum.
        with closing(answer["Body"]) as body:
            limits.check_bytes(answer["ContentLength"])
            data = body.read()
    except ClientError as error:
        if clients.error_code(error) in _GONE:
            raise Gone(str(error)) from error
        raise clients.translate(error) from error
    except BotoCoreError as error:
        raise clients.translate(error) from error
    except HTTPError as error:
        raise Internal("The picture could not be read to its end; try again later.", detail=repr(error)) from error
    version = answer.get("VersionId", image.version_id)
    reference = replace(image, etag=answer["ETag"].strip('"'), version_id=version, bytes=len(data))
    return StoredObject(reference, data, answer.get("Metadata", {}))
