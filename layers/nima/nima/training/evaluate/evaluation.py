"""How well a served model agrees with raters: every picture takes the way that it takes in the score function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nima.errors import InvalidRequest
from nima.image.product import find_product
from nima.model.manifest import HEADS, Manifest
from nima.model.prepare import check_preprocessing, prepare
from nima.training import metrics
from nima.training.labels.labels import Labels
from nima.training.metrics import CalibrationBin, NamedAgreement
from nima.training.pictures import read_frame
from nima.training.progress import Tick


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The agreement of one head with raters.

    Attributes:
        model: The model's id and version.
        head: The head that was rated, ``technical`` or ``aesthetic``.
        labels: The ratings.
        distributions: ``[n, 10]`` what the head says.
        other: ``[n, 10]`` what the other head says; None where it was not asked.
        began: The id and version of the model that this one began with, where it says so; else empty.
        srcc: Spearman's rank correlation of the means, -1..1; NaN where it is not defined.
        plcc: Pearson's correlation of the means, -1..1; NaN where it is not defined.
        mae: Mean absolute difference of the means.
        emd1: Average earth mover's distance of the distributions with r = 1, 0..1, as the NIMA paper reports it.
        emd2: The same with r = 2, as it is trained.
        accuracy: Share, 0..1, of pictures on the raters' side of a mean of 5.
        calibration: Average prediction beside average rating, for tenths of the pictures by prediction.
        distortions: Agreement on each distortion, where the labels name them.
    """

    model: str
    head: str
    labels: Labels
    distributions: NDArray[np.float64]
    other: NDArray[np.float64] | None
    began: str
    srcc: float
    plcc: float
    mae: float
    emd1: float
    emd2: float
    accuracy: float
    calibration: tuple[CalibrationBin, ...]
    distortions: tuple[NamedAgreement, ...]

    @cached_property
    def predicted(self) -> NDArray[np.float64]:
        """``[n]`` the model's means, 1..10."""
        return metrics.means(self.distributions)

    @cached_property
    def actual(self) -> NDArray[np.float64]:
        """``[n]`` the raters' means, 1..10."""
        return self.labels.means

    @property
    def other_head(self) -> str:
        """The head that was not rated."""
        return next(head for head in HEADS if head != self.head)

    def to_json(self) -> dict[str, Any]:
        """The figures without the single pictures; what is not defined is null."""
        figures = {name: getattr(self, name) for name in ("srcc", "plcc", "mae", "emd1", "emd2", "accuracy")}
        return {
            "model": self.model,
            "began_with": self.began or None,
            "head": self.head,
            "pictures": len(self.labels),
            **finite(figures),
            "calibration": [asdict(part) for part in self.calibration],
            "distortions": [finite(asdict(part)) for part in self.distortions],
        }


class Answering(Protocol):
    """What answers as a served model does: ``nima.model.litert.Model``, and the network of a run."""

    manifest: Manifest

    def predict(self, pixels: NDArray[np.uint8]) -> Mapping[str, NDArray[np.float64]]:
        """For each head the ten probabilities of a prepared picture, of the shape that the manifest's input names."""
        ...


def evaluate(model: Answering, labels: Labels, *, head: str = "aesthetic", tick: Tick | None = None) -> Evaluation:
    """Scores every picture of the labels with one head of a model, and compares.

    Args:
        model: A loaded model folder, or a run.
        labels: The ratings, of pictures that the model has not been trained on.
        head: Which of the model's heads the ratings are about.
        tick: Called with how many of how many pictures are done.

    Raises:
        InvalidRequest: There is no such head, or no picture.
        UndecodableImage, ...: A picture has been damaged since the labels were read.
        ModelUnavailable: The model was made for another preprocessing, or does not answer with a distribution.
    """
    if head not in HEADS:
        raise InvalidRequest(f"A head is one of {', '.join(HEADS)}, not {head!r}.")
    if not len(labels):
        raise InvalidRequest("There is no picture to evaluate on.")
    answers = predict(model, labels.files, tick)[1]
    place = HEADS.index(head)
    began = began_of(model.manifest)
    return compare(model.manifest.name, head, answers[:, place], labels, other=answers[:, 1 - place], began=began)


def began_of(manifest: Manifest) -> str:
    """The id and version of the model that a model began with, where its manifest says so; else empty."""
    return str(manifest.training.get("task", {}).get("start", {}).get("model", ""))


def compare(
    model: str,
    head: str,
    distributions: NDArray[np.float64],
    labels: Labels,
    *,
    other: NDArray[np.float64] | None = None,
    began: str = "",
) -> Evaluation:
    """The agreement of given distributions ``[n, 10]`` with labels, under a model's name; else as ``Evaluation``."""
    predicted, actual = metrics.means(distributions), labels.means
    return Evaluation(
        model=model,
        head=head,
        labels=labels,
        distributions=distributions,
        other=other,
        began=began,
        srcc=metrics.srcc(predicted, actual),
        plcc=metrics.plcc(predicted, actual),
        mae=metrics.mae(predicted, actual),
        emd1=float(metrics.emd(distributions, labels.distributions, 1).mean()),
        emd2=float(metrics.emd(distributions, labels.distributions, 2).mean()),
        accuracy=metrics.two_class_accuracy(predicted, actual),
        calibration=metrics.calibration(predicted, actual),
        distortions=metrics.by_name(labels.distortions, predicted, actual),
    )


def predict(
    model: Answering, files: Sequence[Path], tick: Tick | None = None
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """What a model says of picture files.

    Returns:
        Whether a product is found in each, ``[n]``, and the distributions ``[n, 2, 10]``, the heads in the order of
        ``HEADS``.

    Raises:
        UndecodableImage, ...: The score function would refuse a picture.
        ModelUnavailable: As ``evaluate``.
    """
    check_preprocessing(model.manifest)
    products, answers = [], []
    for done, file in enumerate(files, 1):
        frame = read_frame(file)
        product = find_product(np.asarray(frame))
        answer = model.predict(prepare(frame, product, model.manifest.input))
        products.append(product is not None)
        answers.append([answer[head] for head in HEADS])
        if tick:
            tick(done, len(files))
    return np.array(products, bool), np.array(answers).reshape(len(files), len(HEADS), -1)


def finite(figures: dict[str, Any]) -> dict[str, Any]:
    """Figures as JSON can say them, which has no NaN: null for what is not defined."""
    return {name: None if isinstance(v, float) and not np.isfinite(v) else v for name, v in figures.items()}
