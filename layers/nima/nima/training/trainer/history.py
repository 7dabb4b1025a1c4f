"""What is known of every epoch of a run, which of them is the best, and how long no better one has come."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from nima.errors import InvalidRequest
from nima.whole import whole

MEASURES = ("srcc", "emd")
"""What epochs can be told apart by: the rated head's on the validation side."""

_STAGE, _EPOCH = "stage", "epoch"


@dataclass(frozen=True)
class Epoch:
    """An epoch that is over, or what a run begins with.

    Attributes:
        stage: 1 for the first; 0 for the start.
        epoch: 1 for the first of its stage; 0 for the start.
        figures: ``learning_rate``, ``loss``, and what was measured on the validation side, ``val_...``.
    """

    stage: int
    epoch: int
    figures: Mapping[str, float] = field(default_factory=dict)

    @property
    def place(self) -> tuple[int, int]:
        return self.stage, self.epoch


@dataclass(frozen=True)
class History:
    """The epochs of a run in their order.

    Attributes:
        measure: One of ``MEASURES``; of equal SRCC the lower EMD is better.
        epochs: Each once, the start first where it was measured.
    """

    measure: str = "emd"
    epochs: tuple[Epoch, ...] = ()

    @classmethod
    def read(cls, path: Path, measure: str) -> History:
        """What ``write`` wrote; empty where there is no file, or one of an earlier release, which has no stages.

        Raises:
            InvalidRequest: It is damaged.
        """
        if not path.exists():
            return cls(measure)
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        if any(_STAGE not in row for row in rows):
            return cls(measure)
        try:
            return cls(measure, tuple(_epoch(row) for row in rows))
        except (TypeError, ValueError) as error:
            raise InvalidRequest(f"{path} is damaged: {error}.") from error

    def write(self, path: Path) -> None:
        """Writes a CSV, whole or not at all: a row an epoch, with empty fields for what is not known of it."""
        names = list(dict.fromkeys(name for epoch in self.epochs for name in epoch.figures))
        names.sort(key=lambda name: (name.startswith("val_"), name != "learning_rate", name != "loss"))
        with whole(path) as part, part.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow((_STAGE, _EPOCH, *names))
            for epoch in self.epochs:
                writer.writerow((*epoch.place, *(epoch.figures.get(name, "") for name in names)))

    def add(self, epoch: Epoch) -> History:
        """A history with one more epoch."""
        return replace(self, epochs=(*self.epochs, epoch))

    def until(self, stage: int, epoch: int) -> History:
        """What was before an epoch of a stage was over, and that epoch."""
        return replace(self, epochs=tuple(one for one in self.epochs if one.place <= (stage, epoch)))

    def of(self, stage: int) -> History:
        """The epochs of a stage alone."""
        return replace(self, epochs=tuple(epoch for epoch in self.epochs if epoch.stage == stage))

    @property
    def best(self) -> Epoch | None:
        """The best epoch, of equal ones the first; None of none."""
        return max(self.epochs, key=self._worth, default=None)

    @property
    def waited(self) -> int:
        """How many epochs came after the best one."""
        return len(self.epochs) - 1 - self.epochs.index(self.best) if self.best else 0

    def _worth(self, epoch: Epoch) -> tuple[float, ...]:
        srcc, emd = (epoch.figures.get(f"val_{name}", math.nan) for name in MEASURES)
        # What is not defined is worse than anything.
        srcc, nearness = -math.inf if math.isnan(srcc) else srcc, -math.inf if math.isnan(emd) else -emd
        return (srcc, nearness) if self.measure == "srcc" else (nearness,)


def _epoch(row: Mapping[str, str]) -> Epoch:
    figures = {name: float(value) for name, value in row.items() if name not in (_STAGE, _EPOCH) and value != ""}
    return Epoch(int(row[_STAGE]), int(row[_EPOCH]), figures)
