"""Forms with which a browser puts one picture into the bucket, without any other right."""

from __future__ import annotations

from typing import Any

from nima.aws import clients

EXPIRES_SECONDS = 300


def presign_upload(
    bucket: str, key: str, content_type: str, prefix: str, max_bytes: int, *, endpoint: str | None = None
) -> dict[str, Any]:
    """A form for exactly this key and content type.

    Args:
        bucket: The bucket.
        key: The object's key.
        content_type: What it is sent as.
        prefix: What every uploaded key begins with; S3 is told to check it again.
        max_bytes: S3 refuses more bytes than that, and an empty file.
        endpoint: Where browsers reach S3 where that is not where this function does; no part of what is signed.

    Returns:
        ``{"key", "content_type", "url", "fields", "expires_in", "max_bytes"}``: the fields go into a multipart form
        before ``file``.

    Raises:
        Internal: There are no credentials to sign with.
    """
    fields = {"Content-Type": content_type}
    conditions: list[Any] = [
        {"Content-Type": content_type},
        ["starts-with", "$key", prefix],
        ["content-length-range", 1, max_bytes],
    ]
    with clients.translated():
        form = clients.s3_signer().generate_presigned_post(bucket, key, fields, conditions, ExpiresIn=EXPIRES_SECONDS)
    return {
        "key": key,
        "content_type": content_type,
        "url": f"{endpoint}/{bucket}" if endpoint else form["url"],
        "fields": dict(form["fields"]),
        "expires_in": EXPIRES_SECONDS,
        "max_bytes": max_bytes,
    }
