"""Scoring the picture of a request, and keeping it where that is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from nima.assess.assessor import Assessor
from nima.aws import clients
from nima.aws.sequencer import FIRST_SEQUENCER
from nima.aws.table import ResultTable
from nima.catalogue.keys import KeyPattern, Place
from nima.document.assessment import Assessment
from nima.document.composite import Weights
from nima.document.policy import policies
from nima.document.result import ObjectRef, Result
from nima.image.formats import FORMATS


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Evaluating:
    """Scores pictures that come with a request.

    Attributes:
        assessor: Scores the bytes.
        table: Where results go, and where the catalogue's counters are.
        bucket: Where pictures are kept.
        pattern: Tells category and collection from a key.
        now: The clock, in UTC.
    """

    assessor: Assessor
    table: ResultTable
    bucket: str
    pattern: KeyPattern
    now: Callable[[], datetime] = _utc_now

    def evaluate(
        self, data: bytes, style: str | None, weights: Weights | None, key: str | None, policy: str | None = None
    ) -> dict[str, Any]:
        """The result document of a picture, its composite in the style that was asked for.

        Args:
            data: The file.
            style: A composite style; None takes the assessor's own.
            weights: Custom weights, which win over the style.
            policy: The policy that the picture is judged by; None takes ``marketplace_main_image``.
            key: Where to keep the picture and, in the assessor's own style, its result; None keeps nothing, and the
                document then has neither bucket, key nor sequencer. The event of the new object finds it there,
                scores nothing again, and tells of it.

        Raises:
            PermanentError: The picture is refused; nothing is kept.
            RetryableError: A service did not answer; try again.
        """
        shown = self.assessor.assess(data, style, weights)
        if policy is not None:
            shown = shown.judged(policies(self.assessor.rules)[policy])
        if key is None:
            return self._result(shown, ObjectRef(bytes=len(data)), Place(None, None)).to_json()
        kept = replace(self._keep(data, shown.weighed(self.assessor.style), key), assessment=shown)
        if kept.category is not None:
            kept = self.table.stats(kept.category).place(kept)
        return kept.to_json()

    def _keep(self, data: bytes, assessed: Assessment, key: str) -> Result:
        # Read before the object is put: whatever is written to the table meanwhile is of a later event, and stays.
        expected = self.table.stored(key)
        content_type = next(iter(FORMATS[assessed.image.format].types))
        with clients.translated():
            answer = clients.s3().put_object(Bucket=self.bucket, Key=key, Body=data, ContentType=content_type)
        image = ObjectRef(self.bucket, key, answer["ETag"].strip('"'), answer.get("VersionId"), len(data))
        result = self._result(assessed, image, self.pattern.place(key), expected.sequencer or FIRST_SEQUENCER)
        self.table.replace(result, expected)
        return result

    def _result(self, assessed: Assessment, image: ObjectRef, place: Place, sequencer: str | None = None) -> Result:
        return Result(
            image=image,
            sequencer=sequencer,
            scored_at=self.now().isoformat(timespec="milliseconds"),
            category=place.category,
            collection=place.collection,
            assessment=assessed,
        )
