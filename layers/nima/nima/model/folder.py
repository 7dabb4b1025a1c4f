"""Where models lie: one folder of model folders, and which of them is used."""

from __future__ import annotations

from pathlib import Path

from nima.errors import ModelUnavailable
from nima.model.manifest import FILE_NAME

PREFERENCE = ("nima-lite", "nima-mobilenet", "nima-mobilenet-int8")


def installed(models: Path) -> list[str]:
    """The ids of the models in a folder, sorted; a name with a leading dot is an installation that did not finish."""
    if not models.is_dir():
        return []
    return sorted(
        folder.name for folder in models.iterdir() if not folder.name.startswith(".") and (folder / FILE_NAME).is_file()
    )


def find_model(models: Path, model_id: str | None = None) -> Path:
    """The folder of a model.

    Args:
        models: The folder that holds the model folders.
        model_id: The model's id; None takes the first of ``PREFERENCE`` that is there, then any other by name.

    Raises:
        ModelUnavailable: No such model is there.
    """
    if not models.is_dir():
        raise ModelUnavailable("No model is installed.", detail=f"{models} is not a folder")
    present = installed(models)
    if model_id is not None:
        if model_id not in present:
            raise ModelUnavailable(
                f"The model {model_id!r} is not installed.",
                detail=f"{models} holds {', '.join(present) or 'no model'}",
            )
        return models / model_id
    for name in (*PREFERENCE, *present):
        if name in present:
            return models / name
    raise ModelUnavailable("No model is installed.", detail=f"{models} holds no folder with a {FILE_NAME}")
