"""The model that the local application serves."""

from __future__ import annotations

from pathlib import Path

from nima.errors import ModelUnavailable
from nima.local.files import expanded
from nima.model.folder import Places, find_model, installed
from nima.near import did_you_mean

ADVICE = (
    "Run `nima models install` (`make models`) to fetch one, or let NIMA_MODEL_SOURCE name a folder with "
    "technical.tflite and aesthetic.tflite."
)


def prepare(places: Places, model_id: str | None, source: str | None) -> Path:
    """The folder of the model to serve; where it is not installed, the LiteRT files in ``source`` are adopted first.

    Args:
        places: The folders of model folders; the first one gets what is adopted.
        model_id: The wanted model; None for the best one there.
        source: A folder that may hold LiteRT files; a URL, None or another folder changes nothing.

    Raises:
        ModelUnavailable: There is no such model; the message says what to do.
    """
    present = installed(places)
    missing = model_id not in present if model_id else not present
    if source and missing:
        from nima.local.adopt import adopt, adoptable

        if adoptable(expanded(Path(source))):
            adopt(expanded(Path(source)), places[0])
    try:
        return find_model(places, model_id)
    except ModelUnavailable as error:
        if did_you_mean(model_id or "", present):
            raise
        raise ModelUnavailable(f"{error.message} {ADVICE}", detail=error.detail) from error
