"""Everything that is measured with, made in one folder: the models in both forms, and the pictures.

``python -m tests.bench.workshop FOLDER`` makes it and prints how LiteRT's answers differ from Keras's, as JSON.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Workshop:
    """Where the things lie."""

    folder: Path

    @property
    def model(self) -> Path:
        """The LiteRT model folder."""
        return self.folder / "nima-bench"

    @property
    def ordinary(self) -> Path:
        """A JPEG of 12 megapixels."""
        return self.folder / "ordinary.jpg"

    @property
    def large(self) -> Path:
        """A JPEG of 50 megapixels."""
        return self.folder / "large.jpg"

    def keras(self, head: str) -> Path:
        """The Keras model that the LiteRT file of a head was converted from."""
        return self.folder / f"{head}.h5"


def main(folder: Path) -> None:
    from nima.model import parity
    from nima.model.litert import Model
    from tests.bench.pictures import write_photograph
    from tests.models import pack_random

    workshop = Workshop(folder)
    write_photograph(workshop.ordinary, 4000, 3000, seed=12)
    write_photograph(workshop.large, 8660, 5773, seed=50)
    workshop.model.mkdir()
    originals = pack_random(workshop.model, alpha=1.0)
    for head, model in originals.items():
        model.save(workshop.keras(head))
    differences = parity.compare(originals, Model(workshop.model))
    probability, mean = max(d.probability for d in differences), max(d.mean for d in differences)
    print(json.dumps({"probability": probability, "mean": mean, "pictures": len(differences) // len(originals)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
