"""The document that is open in Photoshop, by COM on Windows: a JPEG copy is judged, and Photoshop shows the result."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nima.document.assessment import Assessment
from nima.errors import InvalidRequest

QUALITY = 11
"""Of the JPEG copy, of Photoshop's 0 to 12: its traces are not to be taken for the document's."""


def judge_open_document(assess: Callable[[bytes], Assessment]) -> tuple[str, Assessment]:
    """Judges the document that is open, and shows in Photoshop what came of it. The document stays as it is.

    Args:
        assess: Assesses the bytes of a JPEG.

    Returns:
        The document's name and its assessment.

    Raises:
        ModuleNotFoundError: photoshop-python-api is missing, or this is not Windows.
        InvalidRequest: Photoshop is not there or busy, no document is open, or there is no JPEG of it.
    """
    import photoshop.api as ps
    from comtypes import COMError
    from photoshop.api.errors import PhotoshopPythonAPIError

    try:
        app = ps.Application()
        if not len(app.documents):
            raise InvalidRequest("No document is open in Photoshop.")
        document = app.activeDocument
        name = str(document.name)
        copy = _copy(document, ps)
    except PhotoshopPythonAPIError as error:
        raise InvalidRequest("Photoshop is not installed, or does not answer.") from error
    except (COMError, OSError) as error:
        reason = "it may be showing a dialog, or the document may be of a kind that JPEG has not"
        raise InvalidRequest(
            f"Photoshop could not write a copy of the document: {reason}.", detail=repr(error)
        ) from error
    assessment = assess(copy)
    try:
        app.doJavaScript(f"alert({json.dumps(summary(name, assessment))})")
    except COMError as error:
        raise InvalidRequest("Photoshop does not show the result: it is busy.", detail=repr(error)) from error
    return name, assessment


def summary(name: str, assessment: Assessment) -> str:
    """What is shown of an assessment, in some lines."""
    composite, scores = assessment.composite, assessment.scores
    heads = ", ".join(f"{head} {score.mean:.2f}" for head, score in scores.items())
    reasons = [deduction.message for deduction in assessment.deductions] or ["Nothing costs points."]
    return "\n".join([name, f"{composite.stars:g} of 5 stars ({composite.score:.2f} of 10: {heads})", "", *reasons])


def _copy(document: Any, ps: Any) -> bytes:
    """The document as a JPEG file; its own file, its name and its state stay."""
    with tempfile.TemporaryDirectory(prefix="nima-") as folder:
        file = Path(folder) / "document.jpg"
        document.saveAs(str(file), ps.JPEGSaveOptions(quality=QUALITY), asCopy=True)
        return file.read_bytes()
