"""Model folders in S3: published once under their id and version, fetched by the functions at first use.

``s3://bucket/prefix/<id>/<version>/`` holds what the model's folder holds. The manifest is written last, so that what
can be read is whole; and a version that is there is never written again, so that a copy of it stays good.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError
from urllib3.exceptions import HTTPError

from nima.aws import clients
from nima.aws.uri import S3Uri
from nima.errors import InvalidRequest, ModelUnavailable, NotFound
from nima.model.manifest import FILE_NAME, Manifest
from nima.model.staging import staged

MAX_MANIFEST_BYTES = 1 << 20
MAX_MODEL_BYTES = 256 << 20
"""All files of a model together; Lambda's temporary folder has 512 MB."""

FETCHED = Path(tempfile.gettempdir()) / "nima-models"
"""Where fetched models lie: the only place that a function may write to."""

Progress = Callable[[str, int, int], None]
"""Called with a file's name, the bytes done so far and the file's size."""

_CHUNK = 1 << 20
_ABSENT = {"NoSuchKey", "404"}
_EXISTS = {"PreconditionFailed", "ConditionalRequestConflict"}


def publish(folder: Path, base: S3Uri, progress: Progress | None = None) -> S3Uri:
    """Uploads a model folder to ``<base>/<id>/<version>``.

    The model is verified before anything is uploaded. Publishing the same model again
    changes nothing; an upload that was cut off is made anew.

    Returns:
        Where it lies: what ``MODEL_URI`` has to be.

    Raises:
        ModelUnavailable: The folder holds no model that can be served.
        InvalidRequest: Another model has been published there under the same version, or id and version are no names.
        NotFound: There is no such bucket.
        Throttled, Internal: S3 did not answer, or does not allow it; the detail says what.
    """
    from nima.assess.verify import verify

    verify(folder)
    manifest = Manifest.read(folder)
    place = S3Uri.of(str(base.under(manifest.id, manifest.version)))
    try:
        with clients.translated(but={*_EXISTS, "NoSuchBucket"}):
            published = _published(place)
            if published is not None:
                if published == manifest:
                    return place
                raise _taken(place)
            for name, (_, size) in manifest.contents.items():
                _upload(folder / name, size, place, progress)
            clients.s3().put_object(
                Bucket=place.bucket,
                Key=place.key(FILE_NAME),
                Body=(folder / FILE_NAME).read_bytes(),
                ContentType="application/json",
                ChecksumAlgorithm="SHA256",
                IfNoneMatch="*",
            )
    except ClientError as error:
        if clients.error_code(error) in _EXISTS:
            raise _taken(place) from error
        raise NotFound(f"There is no bucket {place.bucket}.", detail=str(error)) from error
    return place


def fetch(place: S3Uri, into: Path) -> Path:
    """The folder of a published model on this machine, downloaded unless it is there already.

    Args:
        place: What ``publish`` returned.
        into: The folder of fetched models.

    Raises:
        ModelUnavailable: There is no model, it cannot be read, its manifest is invalid, it is too large, or a file is
            not as the manifest says.
    """
    name = hashlib.sha256(str(place).encode()).hexdigest()[:16]
    if (into / name / FILE_NAME).is_file():
        return into / name
    with staged(into, name) as folder:
        _download(place, FILE_NAME, folder, limit=MAX_MANIFEST_BYTES)
        manifest = Manifest.read(folder)
        if sum(size for _, size in manifest.contents.values()) > MAX_MODEL_BYTES:
            raise ModelUnavailable(
                "The model is too large.", detail=f"{place}: at most {MAX_MODEL_BYTES >> 20} MiB are fetched"
            )
        for file, (digest, size) in manifest.contents.items():
            found = _download(place, file, folder, limit=size)
            if found != digest:
                raise ModelUnavailable(
                    "A model file is damaged.",
                    detail=f"{place}/{file} has SHA-256 {found}, the manifest says {digest}",
                )
    return into / name


def _published(place: S3Uri) -> Manifest | None:
    """The manifest that lies at a place already; None where there is none."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            _read(place, FILE_NAME, Path(folder), MAX_MANIFEST_BYTES)
        except ClientError as error:
            if clients.error_code(error) in _ABSENT:
                return None
            raise
        return Manifest.read(Path(folder))


def _upload(file: Path, size: int, place: S3Uri, progress: Progress | None) -> None:
    from boto3.s3.transfer import TransferConfig

    done = 0

    def advance(sent: int) -> None:
        nonlocal done
        done += sent
        if progress:
            progress(file.name, done, size)

    with file.open("rb") as content:
        clients.s3().upload_fileobj(
            content,
            place.bucket,
            place.key(file.name),
            ExtraArgs={"ChecksumAlgorithm": "SHA256"},
            Callback=advance,
            Config=TransferConfig(use_threads=False),
        )


def _download(place: S3Uri, name: str, folder: Path, *, limit: int) -> str:
    try:
        return _read(place, name, folder, limit)
    except (ClientError, BotoCoreError, HTTPError, OSError) as error:
        raise ModelUnavailable("The model could not be fetched.", detail=f"{place}/{name}: {error!r}") from error


def _read(place: S3Uri, name: str, folder: Path, limit: int) -> str:
    """Downloads one object, never more than ``limit`` bytes of it; returns the SHA-256 of what was written."""
    answer = clients.s3().get_object(Bucket=place.bucket, Key=place.key(name))
    digest = hashlib.sha256()
    with closing(answer["Body"]) as body:
        size = answer["ContentLength"]
        if size > limit:
            raise ModelUnavailable(
                "A model file is too large.", detail=f"{place}/{name} has {size} bytes, {limit} were expected"
            )
        with (folder / name).open("wb") as file:
            for chunk in body.iter_chunks(_CHUNK):
                file.write(chunk)
                digest.update(chunk)
    return digest.hexdigest()


def _taken(place: S3Uri) -> InvalidRequest:
    return InvalidRequest(f"{place} holds another model already. Give this one a new version.")
