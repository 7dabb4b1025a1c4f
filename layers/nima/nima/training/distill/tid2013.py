"""TID2013's human scores on distortions regenerated from the Kodak photographs that its references were cut from.

TID2013 (Ponomarenko et al., 2015) shows 25 scenes of 512 x 384 pixels. Scene ``i07`` is a part of the Kodak
photograph of the same number. Levels 1 to 5 of a distortion lie at fixed PSNRs, at which they are made again here; the
scores are those that people gave to the originals, as 10-bin distributions.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nima.training.samples import distortions

SIZE = (512, 384)
HELD_OUT_SCENES = (1, 2, 3)
OFFSETS: Mapping[int, tuple[int, int]] = {
    1: (104, 126),
    3: (73, 44),
    4: (0, 206),
    6: (66, 43),
    8: (71, 4),
    19: (0, 255),
}
"""Where in the Kodak photograph a scene lies, (x, y) in pixels, as far as it is known; else its centre is taken."""


@dataclass(frozen=True)
class Rated:
    """One regenerated picture: TID2013's number of the distortion, pixels, and 10 probabilities."""

    distortion: int
    image: Image.Image
    distribution: NDArray[np.float32]

    @property
    def change(self) -> str:
        return distortions.TID2013[self.distortion]


def scores(labels: Path) -> dict[str, NDArray[np.float32]]:
    """The distributions of a JSON file of ``{"image_id": "i01_01_1", "label": [10 values]}``, by id, normalised."""
    found = {}
    for entry in json.loads(labels.read_text(encoding="utf-8")):
        values = np.asarray(entry["label"], np.float32)
        found[str(entry["image_id"]).lower()] = values / values.sum()
    return found


def reference(kodak: Path, scene: int) -> Image.Image:
    """The reference of a scene 1..24, cut from ``kodak``'s file whose name holds its number in two digits."""
    (path,) = (p for p in kodak.iterdir() if f"{scene:02d}" in p.stem)
    image = Image.open(path).convert("RGB")
    x, y = OFFSETS.get(scene, ((image.width - SIZE[0]) // 2, (image.height - SIZE[1]) // 2))
    x, y = max(0, x), max(0, y)
    return image.crop((x, y, min(x + SIZE[0], image.width), min(y + SIZE[1], image.height)))


def regenerate(kodak: Path, labels: Path, scenes: tuple[int, ...], numbers: tuple[int, ...]) -> Iterator[Rated]:
    """Every level of some distortions of some scenes, with the scores that people gave."""
    known = scores(labels)
    for scene in scenes:
        original = reference(kodak, scene)
        for number in numbers:
            for level in range(1, len(distortions.LEVEL_PSNR) + 1):
                image = distortions.at_level(original, distortions.TID2013[number], level, seed=100 * scene + number)
                yield Rated(number, image, known[f"i{scene:02d}_{number:02d}_{level}"])
