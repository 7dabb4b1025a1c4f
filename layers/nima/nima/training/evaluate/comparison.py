"""Models on the same pictures, side by side: figures with intervals, and how much each is better than one of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nima.training import metrics
from nima.training.evaluate.evaluation import Answering, Evaluation, began_of, finite
from nima.training.evaluate.ladders import Falls
from nima.training.metrics import Statistic

LEAST_PICTURES = 10
"""With fewer of them no difference is taken for one, however narrow its interval."""


@dataclass(frozen=True)
class Measure:
    """A figure of agreement.

    Attributes:
        statistic: Computes it.
        predicted: What it takes of a model's answers.
        actual: The same of the ratings.
        rises: Whether more is better.
        digits: How many its interval is shown with.
    """

    statistic: Statistic
    predicted: Callable[[Evaluation], NDArray[np.float64]] = lambda found: found.predicted
    actual: Callable[[Evaluation], NDArray[np.float64]] = lambda found: found.actual
    rises: bool = True
    digits: int = 2


MEASURES: Mapping[str, Measure] = {
    "srcc": Measure(metrics.srcc),
    "plcc": Measure(metrics.plcc),
    "mae": Measure(metrics.mae, rises=False),
    "emd2": Measure(
        metrics.mean_emd, lambda found: found.distributions, lambda found: found.labels.distributions, False, digits=3
    ),
    "accuracy": Measure(metrics.two_class_accuracy),
}
"""What is shown side by side, by the name of the evaluation's field."""


@dataclass(frozen=True)
class Estimate:
    """A figure and its 95 % interval; NaN where it is not defined."""

    value: float
    low: float
    high: float

    @property
    def defined(self) -> bool:
        """Whether there is such a figure."""
        return math.isfinite(self.value)


BETTER, WORSE, ALIKE, UNDEFINED = VERDICTS = ("better", "worse", "alike", "undefined")
"""``alike``: no difference that so many pictures can show."""


@dataclass(frozen=True)
class Difference:
    """How much better a figure is than that of another model; less than 0 is worse, whichever way the figure goes.

    Attributes:
        estimate: By how much.
        verdict: One of ``VERDICTS``.
    """

    estimate: Estimate
    verdict: str

    def to_json(self) -> dict[str, Any]:
        """By how much, between what, and the verdict."""
        return {"verdict": self.verdict, **finite(asdict(self.estimate))}


@dataclass(frozen=True)
class Other:
    """How the answers of the head that was not rated lie beside those of another model.

    Attributes:
        srcc: Rank correlation of both models' means, -1..1; NaN where it is not defined.
        shift: By how much the means are higher on average.
        moved: Average distance of the means.
        furthest: Largest distance of the means.
    """

    srcc: float
    shift: float
    moved: float
    furthest: float


@dataclass(frozen=True, eq=False)
class Comparison:
    """Evaluations of models on the same pictures; at least one.

    Attributes:
        evaluations: One of each model.
        falls: Of each how the means of its other head fall where the pictures are made worse; empty where unasked.
    """

    evaluations: tuple[Evaluation, ...]
    falls: tuple[Falls, ...] = ()

    @cached_property
    def reference(self) -> Evaluation:
        """What the others are compared with: a model that one of them began with, else the first."""
        return next((found for found in self.evaluations if self.began(found)), self.evaluations[0])

    def began(self, found: Evaluation) -> bool:
        """Whether another one says that it began with this model."""
        return any(_id(found.model) == _id(one.began) for one in self.evaluations if one is not found)

    @cached_property
    def figures(self) -> tuple[Mapping[str, Estimate], ...]:
        """Of each evaluation what ``MEASURES`` names."""
        return tuple({name: _figure(name, found) for name in MEASURES} for found in self.evaluations)

    @cached_property
    def differences(self) -> tuple[Mapping[str, Difference] | None, ...]:
        """Of each evaluation how much better it is than the reference; None for that itself."""
        return tuple(
            None if found is self.reference else {name: _difference(name, found, self.reference) for name in MEASURES}
            for found in self.evaluations
        )

    @cached_property
    def others(self) -> tuple[Other | None, ...]:
        """Of each evaluation how its other head lies beside the reference's; None for that itself, or where unasked."""
        return tuple(_other(found, self.reference) for found in self.evaluations)

    def to_json(self) -> dict[str, Any]:
        """Everything but the single pictures; what is not defined is null."""
        models = []
        falls = self.falls or (None,) * len(self.evaluations)
        for found, figures, differences, other, fall in zip(
            self.evaluations, self.figures, self.differences, self.others, falls, strict=True
        ):
            intervals = {name: [finite(asdict(one))[end] for end in ("low", "high")] for name, one in figures.items()}
            better = {name: one.to_json() for name, one in differences.items()} if differences else None
            models.append(
                {
                    **found.to_json(),
                    "intervals": intervals,
                    "better_than_reference": better,
                    "other_head": other and finite(asdict(other)),
                    "other_head_ladders": {name: asdict(part) for name, part in fall.items()} if fall else None,
                }
            )
        return {"head": self.reference.head, "reference": self.reference.model, "models": models}


def began_with_another(models: Sequence[Answering]) -> bool:
    """Whether one of the models says that it began with another one of them."""
    starts = {_id(began_of(model.manifest)) for model in models}
    return any(model.manifest.id in starts for model in models)


def _id(name: str) -> str:
    return name.partition(" ")[0]


def _figure(name: str, found: Evaluation) -> Estimate:
    measure = MEASURES[name]
    low, high = metrics.interval(measure.statistic, measure.predicted(found), measure.actual(found))
    return Estimate(getattr(found, name), low, high)


def _difference(name: str, found: Evaluation, reference: Evaluation) -> Difference:
    measure = MEASURES[name]
    value = getattr(found, name) - getattr(reference, name)
    low, high = metrics.paired_interval(
        measure.statistic, measure.predicted(found), measure.predicted(reference), measure.actual(found)
    )
    estimate = Estimate(value, low, high) if measure.rises else Estimate(-value, -high, -low)
    return Difference(estimate, _verdict(estimate, len(found.labels)))


def _verdict(estimate: Estimate, pictures: int) -> str:
    if not estimate.defined or math.isnan(estimate.low):
        return UNDEFINED
    if pictures < LEAST_PICTURES or estimate.low <= 0 <= estimate.high:
        return ALIKE
    return BETTER if estimate.low > 0 else WORSE


def _other(found: Evaluation, reference: Evaluation) -> Other | None:
    if found is reference or found.other is None or reference.other is None:
        return None
    means, before = (metrics.means(one.other) for one in (found, reference) if one.other is not None)
    apart = means - before
    return Other(
        metrics.srcc(means, before), float(apart.mean()), metrics.mae(means, before), float(np.abs(apart).max())
    )


def pictures(evaluations: Sequence[Evaluation]) -> list[dict[str, Any]]:
    """What was rated and predicted of each picture: its ten shares, and each model's."""
    labels = evaluations[0].labels
    return [
        {
            "image": image,
            "rated": labels.distributions[place].tolist(),
            "predicted": {found.model: found.distributions[place].tolist() for found in evaluations},
        }
        for place, image in enumerate(labels.images)
    ]
