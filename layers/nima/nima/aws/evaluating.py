"""Scoring the picture of a request, and keeping it where that is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from nima.assess.assessor import Assessor
from nima.aws import clients
from nima.aws.objects import open_object
from nima.aws.sequencer import FIRST_SEQUENCER
from nima.aws.table import ResultTable
from nima.catalogue.keys import KeyPattern, Place
from nima.document.assessment import Assessment
from nima.document.composite import Weights
from nima.document.policy import policies
from nima.document.result import ObjectRef, Result
from nima.errors import NotFound
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
        self,
        data: bytes,
        style: str | None,
        weights: Weights | None,
        key: str | None,
        policy: str | None = None,
        *,
        wanted: Mapping[str, bool] | None = None,
    ) -> dict[str, Any]:
        """The result document of a picture, its composite in the style that was asked for.

        Args:
            data: The file.
            style: A composite style; None takes the assessor's own.
            weights: Custom weights, which win over the style.
            policy: The policy that the picture is judged by; None takes ``marketplace_main_image``.
            wanted: What of ``nima.document.assessment.ON_REQUEST`` to make as well; maps are kept where the picture is.
            key: Where to keep the picture and, in the assessor's own style, its result; None keeps nothing, and the
                document then has neither bucket, key nor sequencer. The event of the new object finds it there,
                scores nothing again, and tells of it.

        Raises:
            PermanentError: The picture is refused; nothing is kept.
            RetryableError: A service did not answer; try again.
        """
        shown = self._assess(data, style, weights, policy, wanted or {})
        if key is None:
            return self._result(shown, ObjectRef(bytes=len(data)), Place(None, None)).to_json()
        kept = self._keep(data, shown.weighed(self.assessor.style), key)
        if shown.maps:
            stored = self.table.stored(key)
            if stored.result and stored.result.image == kept.image:
                self.table.keep_maps(key, stored, shown.maps)
        return self._document(kept, shown)

    def again(
        self,
        key: str,
        style: str | None,
        weights: Weights | None,
        policy: str | None = None,
        *,
        wanted: Mapping[str, bool] | None = None,
    ) -> dict[str, Any]:
        """The result document of a picture that was scored before, which is read from the bucket and assessed again.

        Its stored result stays as it is; maps are kept beside its thumbnail where they are of the same model.

        Raises:
            NotFound: There is no such picture, or another one has taken its place since it was scored.
            PermanentError: The picture is refused.
            RetryableError: A service did not answer; try again.
        """
        stored = self.table.stored(key)
        result = stored.result
        if result is None or result.assessment is None:
            raise NotFound("There is no scored picture at this key.")
        with open_object(self.bucket, key) as object_shown:
            if object_shown is None or not object_shown.image.is_same(result.image):
                raise NotFound("The picture is not the one that was scored; try again once its result is there.")
            data = object_shown.read(self.assessor.limits)
        shown = self._assess(data, style, weights, policy, wanted or {})
        if shown.maps and self.assessor.made(result.assessment):
            self.table.keep_maps(key, stored, shown.maps)
        return self._document(result, shown)

    def _assess(
        self,
        data: bytes,
        style: str | None,
        weights: Weights | None,
        policy: str | None,
        wanted: Mapping[str, bool],
    ) -> Assessment:
        chosen = None if policy is None else policies(self.assessor.rules)[policy]
        shown = replace(self.assessor.making(wanted), policy=chosen).assess(data, style, weights)
        return shown if chosen is None else shown.judged(chosen)

    def _document(self, result: Result, shown: Assessment) -> dict[str, Any]:
        found = replace(result, assessment=shown)
        if found.category is not None:
            found = self.table.stats(found.category).place(found)
        return found.to_json()

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
