"""Pictures in S3: listed, and copied for as long as they are judged."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from nima.desk.cache import Seen
from nima.errors import InvalidRequest, NimaError, UnreadableFile
from nima.image.formats import EXTENSIONS, RAW_EXTENSIONS
from nima.image.limits import Limits
from nima.local.files import SCHEME, cause_of


@dataclass(frozen=True)
class Remote:
    """An object in S3.

    Attributes:
        bucket, key: Where it is.
        size: Its bytes.
        etag: What changes when it is written.
        limits: How much of it is fetched at most.
    """

    bucket: str
    key: str
    size: int
    etag: str
    limits: Limits

    @property
    def seen(self) -> Seen:
        """What it is known by without being read."""
        return Seen(f"s3://{self.bucket}/{self.key}".encode(), self.size, self.etag)

    @contextmanager
    def copied(self) -> Iterator[Path]:
        """A copy of it in a file, for a while.

        Raises:
            ImageTooLarge: It exceeds the limits.
            UnreadableFile: It is gone, or there is no room for it.
            Throttled, Internal: S3 did not answer.
        """
        from nima.aws.objects import open_object

        with open_object(self.bucket, self.key) as found:
            if found is None:
                raise UnreadableFile("The object cannot be read: it does not exist.")
            data = found.read(self.limits)
        with ExitStack() as stack:
            try:
                folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="nima-", ignore_cleanup_errors=True))
                path = Path(folder, "object").with_suffix(PurePosixPath(self.key).suffix)
                path.write_bytes(data)
            except OSError as error:
                raise UnreadableFile(f"The object cannot be copied: {cause_of(error)}.") from error
            yield path


def is_remote(path: Path) -> bool:
    """Whether a path names something in S3: of ``s3://``, a path has kept one slash."""
    return path.parts[:1] == (SCHEME,)


def listed(path: Path, limits: Limits, *, recursive: bool = True) -> Iterator[Remote]:
    """The pictures under a prefix, by their names, in the order of their keys.

    Args:
        path: ``s3://bucket`` or ``s3://bucket/prefix``.
        limits: Of each.
        recursive: Whether what lies in further folders counts.

    Raises:
        InvalidRequest: There is no such bucket, it may not be listed, or boto3 is missing.
    """
    if len(path.parts) < 2:
        raise InvalidRequest("Say which bucket: s3://bucket/prefix.")
    _, bucket, *rest = path.parts
    prefix = "/".join(rest)
    try:
        import boto3  # noqa: F401 - the clients import it when they are first used

        from nima.aws import clients
    except ModuleNotFoundError as error:
        raise InvalidRequest(f"Pictures in S3 take boto3: pip install 'nima-serverless[aws]'. ({error})") from error
    if prefix and PurePosixPath(prefix).suffix.lower() not in EXTENSIONS | RAW_EXTENSIONS:
        prefix += "/"
    try:
        with clients.translated():
            for page in clients.s3().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
                for found in page.get("Contents", ()):
                    name = found["Key"].removeprefix(prefix)
                    wanted = PurePosixPath(found["Key"]).suffix.lower() in EXTENSIONS | RAW_EXTENSIONS
                    if wanted and (recursive or "/" not in name):
                        yield Remote(bucket, found["Key"], found["Size"], found["ETag"], limits)
    except NimaError as error:
        raise InvalidRequest(f"s3://{bucket}/{prefix} cannot be listed: {error.detail or error.message}") from error
