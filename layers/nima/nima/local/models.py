"""The model that the local application serves."""

from __future__ import annotations

from pathlib import Path

from nima.errors import ModelUnavailable
from nima.local.files import expanded
from nima.model.folder import find_model, installed
from nima.model.install import adopt, adoptable

ADVICE = (
    "Run `make models` to fetch one, or let NIMA_MODEL_SOURCE name a folder with technical.tflite and aesthetic.tflite."
)


def prepare(models: Path, model_id: str | None, source: str | None) -> str:
    """The id of the model to serve; where it is not installed, the LiteRT files in ``source`` are adopted first.

    Args:
        models: The folder of model folders.
        model_id: The wanted model; None for the best one there.
        source: A folder that may hold LiteRT files; a URL, None or another folder changes nothing.

    Raises:
        ModelUnavailable: There is no such model; the message says what to do.
    """
    present = installed(models)
    missing = model_id not in present if model_id else not present
    if source and missing and adoptable(expanded(Path(source))):
        adopt(expanded(Path(source)), models)
    try:
        return find_model(models, model_id).name
    except ModelUnavailable as error:
        raise ModelUnavailable(f"{error.message} {ADVICE}", detail=error.detail) from error
