"""Names of places in S3, as people write them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nima.errors import InvalidRequest

ALLOWED = "s3://bucket/prefix, of letters, digits and . _ - / in the prefix"

# Narrower than S3 is: what is left can stand in an IAM policy without meaning more than it says.
_FORM = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/(?P<prefix>[\w.-]+(?:/[\w.-]+)*)/?", re.ASCII)


@dataclass(frozen=True)
class S3Uri:
    """A prefix in a bucket; the prefix has no slash at its ends."""

    bucket: str
    prefix: str

    @classmethod
    def of(cls, text: str) -> S3Uri:
        """Reads ``s3://bucket/prefix``, with or without a slash at the end.

        Raises:
            InvalidRequest: It is not of this form.
        """
        found = _FORM.fullmatch(text)
        if found is None:
            raise InvalidRequest(f"{text!r} is not {ALLOWED}.")
        return cls(found["bucket"], found["prefix"])

    def key(self, name: str) -> str:
        """The key of an object under the prefix."""
        return f"{self.prefix}/{name}"

    def under(self, *names: str) -> S3Uri:
        """A prefix below this one."""
        return S3Uri(self.bucket, "/".join((self.prefix, *names)))

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}"
