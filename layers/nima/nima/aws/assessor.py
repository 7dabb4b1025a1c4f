"""The assessor, and the model, that a function's settings describe."""

from __future__ import annotations

from nima.assess.assessor import Assessor
from nima.aws.models import FETCHED, fetch
from nima.aws.settings import AssessSettings
from nima.model.folder import find_model
from nima.model.litert import LazyModel


def open_model(assess: AssessSettings) -> LazyModel:
    """The model that the settings name, not loaded yet: the one at ``MODEL_URI``, else one of the folder of models.

    Raises:
        ModelUnavailable: No such model is installed. One in S3 is only looked for when it is first used.
    """
    uri = assess.model_uri
    if uri is None:
        return LazyModel(find_model((assess.models,), assess.model), assess.threads)
    return LazyModel(lambda: fetch(uri, FETCHED), assess.threads)


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
