"""Whether a model folder can be served: the whole way from its files, and a picture's, to an assessment."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nima.assess.assessor import Assessor
from nima.errors import ModelUnavailable
from nima.model import golden
from nima.model.litert import LazyModel
from nima.native import without_info


def verify(folder: Path) -> float:
    """Checks that a model folder is as it was made, and that it answers here as it did then.

    Every file is hashed and the manifest's version computed again, as whenever a model is loaded. Then the golden input
    is scored, and the golden picture files take the way of every picture: decoded, prepared, predicted, assessed.

    Returns:
        The largest difference of a probability from the golden ones.

    Raises:
        ModelUnavailable: It is not, or it does not.
    """
    lazy = LazyModel(folder)
    with without_info():
        model = lazy.get()
    differences = [golden.check(model)]
    assessor = Assessor(lazy)
    for name, expected in model.manifest.golden.pictures.items() if model.manifest.golden else ():
        if name not in golden.PICTURES:
            raise ModelUnavailable(f"This release does not know the golden picture {name!r} of {model.manifest.name}.")
        assessment = assessor.assess(golden.file_of(name))
        answers = {head: np.array(score.distribution.probabilities) for head, score in assessment.scores.items()}
        differences.append(golden.check_answers(model, expected, answers))
    return max(differences)
