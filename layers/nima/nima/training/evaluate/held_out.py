"""What a run is worth on pictures that it has not seen, beside the model that it began with."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path

from nima.errors import InvalidRequest
from nima.training import metrics
from nima.training.evaluate.comparison import LEAST_PICTURES, Estimate
from nima.training.metrics import Array
from nima.whole import whole


@dataclass(frozen=True)
class HeldOut:
    """How a run ranks its test pictures.

    Attributes:
        pictures: How many they are.
        model: The id and version of the model that it began with.
        srcc, start: Spearman's correlation with the raters' means, of the run and of that model.
        difference: The run's less the model's, of the same pictures.
    """

    pictures: int
    model: str
    srcc: Estimate
    start: Estimate
    difference: Estimate

    @property
    def differs(self) -> bool:
        """Whether the pictures can show a difference; few of them cannot, however narrow the interval."""
        return self.pictures >= LEAST_PICTURES and not self.difference.low <= 0 <= self.difference.high

    @classmethod
    def compared(cls, model: str, predicted: Array, start: Array, actual: Array) -> HeldOut:
        """Of the means ``[n]`` of the run, the model that it began with, and the raters."""
        own, other = metrics.srcc(predicted, actual), metrics.srcc(start, actual)
        return cls(
            len(actual),
            model,
            Estimate(own, *metrics.interval(metrics.srcc, predicted, actual)),
            Estimate(other, *metrics.interval(metrics.srcc, start, actual)),
            Estimate(own - other, *metrics.paired_interval(metrics.srcc, predicted, start, actual)),
        )

    @classmethod
    def read(cls, path: Path) -> HeldOut:
        """What ``write`` wrote.

        Raises:
            InvalidRequest: It is damaged.
        """
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            figures = {name: _estimate(document[name]) for name in ("srcc", "start", "difference")}
            return cls(document["pictures"], document["model"], **figures)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise InvalidRequest(f"{path} is damaged: {error}.") from error

    def write(self, path: Path) -> None:
        """Writes JSON, whole or not at all; what is not defined is null."""
        figures = {name: _document(getattr(self, name)) for name in ("srcc", "start", "difference")}
        document = {"pictures": self.pictures, "model": self.model, **figures}
        with whole(path) as part:
            part.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def _estimate(document: dict[str, float | None]) -> Estimate:
    return Estimate(**{name: math.nan if value is None else value for name, value in document.items()})


def _document(estimate: Estimate) -> dict[str, float | None]:
    return {name: None if math.isnan(value) else value for name, value in asdict(estimate).items()}
