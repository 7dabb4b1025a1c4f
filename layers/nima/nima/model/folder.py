"""Where models lie: folders of model folders, and which of them is used."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from nima.errors import ModelUnavailable
from nima.model.manifest import FILE_NAME
from nima.near import did_you_mean

SHIPPED = Path(__file__).resolve().parents[1] / "models"
"""The models that come with the package."""

PREFERENCE = ("nima-lite", "nima-mobilenet", "nima-mobilenet-int8")

Places = Sequence[Path]
"""Folders of model folders; where several hold a model of one id, the first one's is meant."""


def installed(places: Places) -> dict[str, Path]:
    """The folder of each model by its id, sorted; a leading dot marks an installation that did not finish."""
    found: dict[str, Path] = {}
    for place in reversed(places):
        with suppress(OSError):  # there is no such folder, or it is somebody else's
            found |= {
                folder.name: folder
                for folder in place.iterdir()
                if not folder.name.startswith(".") and (folder / FILE_NAME).is_file()
            }
    return dict(sorted(found.items()))


def find_model(places: Places, model_id: str | None = None) -> Path:
    """The folder of a model.

    Args:
        places: The folders that hold model folders.
        model_id: The model's id; None takes the first of ``PREFERENCE`` that is there, then any other by name.

    Raises:
        ModelUnavailable: No such model is there.
    """
    present = installed(places)
    hold = "holds" if len(places) == 1 else "hold"
    looked_in = f"{' and '.join(map(str, places))} {hold} {', '.join(present) or 'no model'}"
    if model_id is not None:
        if model_id not in present:
            near = did_you_mean(model_id, present)
            raise ModelUnavailable(f"The model {model_id!r} is not installed.{near}", detail=looked_in)
        return present[model_id]
    for name in (*PREFERENCE, *present):
        if name in present:
            return present[name]
    raise ModelUnavailable("No model is installed.", detail=looked_in)
