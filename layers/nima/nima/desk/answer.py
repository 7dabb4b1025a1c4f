"""What is found out about one file: what a worker tells, and what is kept for the next time."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from nima.document.assessment import Assessment
from nima.document.read import FAILURES, read
from nima.document.result import Rejection
from nima.document.upgrade import COMPLETIONS
from nima.shoot.capture import Capture

_ASIDE = ("look", "thumbnail")


@dataclass(frozen=True)
class Answer:
    """What is known of a file.

    Attributes:
        capture: How the picture was taken.
        assessment: What is said of its pixels; None where it is refused.
        error: Why it is refused.
    """

    capture: Capture
    assessment: Assessment | None = None
    error: Rejection | None = None

    def to_bytes(self) -> bytes:
        """As UTF-8 of JSON."""
        found = self.assessment
        document = {
            "capture": self.capture.to_json(),
            "assessment": found and found.to_json(),
            "error": self.error and self.error.to_json(),
            **{name: _text(getattr(found, name, None)) for name in _ASIDE},
        }
        return json.dumps(document, ensure_ascii=False).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Answer:
        """Reads what ``to_bytes`` wrote.

        Raises:
            ValueError: It wrote no such thing.
        """
        try:
            document: Mapping[str, Any] = json.loads(data)
            capture = Capture.from_json(document["capture"])
            if document["assessment"] is None:
                return cls(capture, error=read(Rejection, document["error"], {}))
            assessment = read(Assessment, document["assessment"], COMPLETIONS)
            look, thumbnail = (_data(document.get(name)) for name in _ASIDE)
            return cls(capture, replace(assessment, look=look, thumbnail=thumbnail))
        except FAILURES as error:
            raise ValueError(f"not an answer: {error!r}") from error


def _text(data: bytes | None) -> str | None:
    return None if data is None else b64encode(data).decode()


def _data(text: str | None) -> bytes | None:
    return None if text is None else b64decode(text)
