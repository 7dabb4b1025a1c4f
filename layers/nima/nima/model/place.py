"""A model's place in a folder of models: which ids there may be, and what lies there already."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from nima.errors import InvalidRequest, ModelUnavailable
from nima.model.folder import SHIPPED, installed
from nima.model.manifest import Manifest

PUBLISHED = "nima-mobilenet"
"""The id of the published weights, of which ``nima models install`` proves that they are."""

_NAME = re.compile(r"[a-z0-9][\w.-]{0,63}", re.ASCII | re.IGNORECASE)


def check_name(name: str, what: str = "id") -> None:
    """Checks that an id, or another part of a model's name, can be the name of a folder and part of a key in S3.

    Raises:
        InvalidRequest: It cannot.
    """
    if _NAME.fullmatch(name) is None:
        raise InvalidRequest(
            f"A model's {what} has up to 64 letters, digits and . _ -, and begins with a letter or a digit; {name!r} "
            "is no such name."
        )


def check_own_id(model_id: str) -> None:
    """Checks that an id may be given to a model of one's own.

    Raises:
        InvalidRequest: It is no name, or that of a model that comes with the package or of the published weights.
    """
    check_name(model_id)
    # Some file systems do not tell letters of either case apart.
    if model_id.lower() in (*installed([SHIPPED]), PUBLISHED):
        raise InvalidRequest(
            f"{model_id} is the id of a model that is not yours: it would be mistaken for that one. Choose another id."
        )


def check_place(
    models: Path, model_id: str, same: Callable[[Manifest], bool], *, replacing: bool = False
) -> Path | None:
    """Checks that a model may be put in its place.

    Args:
        models: The folder of model folders.
        model_id: The model's id.
        same: Whether a model, by its manifest, has the origin that this one has.
        replacing: Whether it takes the place of any other one, and keeps nothing of it.

    Returns:
        The folder of the model of the same origin whose place it takes; None where there is none.

    Raises:
        InvalidRequest: A model of another origin lies there, or something that is no model.
    """
    folder = models / model_id
    if replacing or not folder.exists():
        return None
    try:
        other = Manifest.read(folder)
    except ModelUnavailable as error:
        raise InvalidRequest(f"{folder} holds no model that can be read. --replace puts this one there.") from error
    if same(other):
        return folder
    raise InvalidRequest(f"{folder} holds {other.name}, which is another model. Choose another id, or --replace it.")
