"""One picture out of a source: clean, in a clean disguise, or with a defect.

It is made when it is first asked for and kept; the same seed makes the same bytes wherever Pillow and NumPy are the
same.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from nima.image.decode import read_picture
from nima.image.limits import Limits
from nima.training.defects.looks import LOOKS
from nima.training.defects.staging import cut_out, on_canvas, on_ground
from tests.bench.judgement.defects import BY_KIND, WHITE, Shot
from tests.bench.judgement.kept import kept
from tests.bench.judgement.sources import ALPHA, PACKSHOTS, ROOT, Source

CLEAN = "clean"
"""The kind of a picture without a defect. Its levels: ``AS_IT_IS``, ``SAVED`` and the names of ``LOOKS``."""

AS_IT_IS, SAVED = "as it is", "saved again"
"""The file itself, and the picture saved as those with a defect are."""

SEED = 1

_QUALITIES = (90, 93, 96)
_FILL, _SIDE = 0.85, 1000
_MAKERS = (
    "layers/nima/nima/training/defects",
    "layers/nima/nima/training/samples/distortions.py",
    "tests/bench/judgement/darkroom.py",
    "tests/bench/judgement/defects.py",
)


@dataclass(frozen=True)
class Recipe:
    """How one picture is made.

    Attributes:
        source: Of what.
        kind: ``CLEAN``, or that of a defect.
        level: How strong, by the defect's own names; of a clean one its disguise.
        behind: A photograph for what needs another one.
        seed: Of all chance.
    """

    source: Source
    kind: str
    level: str
    behind: Source | None = None
    seed: int = SEED

    def rng(self, purpose: str) -> np.random.Generator:
        name = f"{self.seed} {self.source.collection}/{self.source.picture} {purpose}"
        return np.random.default_rng(list(hashlib.sha256(name.encode()).digest()))


def made(recipe: Recipe, cached: Path) -> bytes | None:
    """The file of a recipe, out of a folder where it was made before; None where the source cannot have the defect."""
    if (recipe.kind, recipe.level) == (CLEAN, AS_IT_IS) and recipe.source.collection != ALPHA:
        return recipe.source.path.read_bytes()
    return kept(cached / f"{_name(recipe)}.jpg", lambda: _make(recipe) or b"") or None


def shot(source: Source, behind: Source | None) -> Shot:
    """A source ready for defects; goods on white also without the white."""
    scene = (lambda: _opened(behind).convert("RGB")) if behind else None
    if source.collection not in PACKSHOTS:
        return Shot(_opened(source).convert("RGB"))
    if source.collection == ALPHA:
        goods = on_canvas(_opened(source).convert("RGBA"), _FILL, _SIDE)
        return Shot(on_ground(goods, WHITE), lambda: goods, scene)
    image = _opened(source).convert("RGB")
    return Shot(image, lambda: cut_out(image), scene)


@cache
def version() -> str:
    """Changes with whatever decides how pictures are made."""
    digest = hashlib.sha256()
    for name in _MAKERS:
        place = ROOT / name
        for path in sorted(place.glob("*.py")) if place.is_dir() else [place]:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _name(recipe: Recipe) -> str:
    of, behind = (
        (s.collection, s.picture, s.path.stat().st_size) if s else None for s in (recipe.source, recipe.behind)
    )
    return hashlib.sha256(repr((of, behind, recipe.kind, recipe.level, recipe.seed, version())).encode()).hexdigest()[
        :32
    ]


def _make(recipe: Recipe) -> bytes | None:
    start = shot(recipe.source, recipe.behind)
    rng = recipe.rng(f"{recipe.kind} {recipe.level}")
    # One quality for all that is made of a source: nothing but the defect tells them apart.
    quality = int(recipe.rng("quality").choice(_QUALITIES))
    if recipe.kind == CLEAN:
        look = LOOKS.get(recipe.level)
        return _encoded(look(start.image, rng) if look else start.image, quality)
    defect = BY_KIND[recipe.kind]
    if not defect.fits(start):
        return None
    level = next(level for level in defect.levels if level.name == recipe.level)
    return _encoded(level.change(start, rng), level.quality or quality)


def _opened(source: Source) -> Image.Image:
    with Image.open(source.path) as image:
        if "icc_profile" in image.info:
            return read_picture(source.path.read_bytes(), Limits()).frame
        image.load()
        return ImageOps.exif_transpose(image)


def _encoded(image: Image.Image, quality: int) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return file.getvalue()
