"""The assessor that a function's settings describe."""

from __future__ import annotations

from nima.assess.assessor import Assessor
from nima.aws.models import open_model
from nima.aws.settings import AssessSettings


def open_assessor(assess: AssessSettings) -> Assessor:
    """An assessor that makes thumbnails too; its model is loaded when it is first used.

    Raises:
        ModelUnavailable: The model is not installed. One in S3 is only looked for when it is first used.
    """
    return Assessor(
        model=open_model(assess),
        limits=assess.limits,
        style=assess.style,
        reframe=assess.reframe,
        rules=assess.rules,
        thumbnails=True,
    )
