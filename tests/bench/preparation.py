"""How far version 3 of the preprocessing moves means from version 2, and what it costs beside it.

``python -m tests.bench.preparation`` prints a table for the photographs of NIMA_SHARED_DATA. Version 2 brought more
pictures to a frame of one size first, and sampled what a model sees by Pillow.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from statistics import median

import click
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps
from rich.console import Console
from rich.progress import track
from rich.table import Table

from nima.image.decode import FRAME_KERNEL, FRAME_SIDE, read_picture
from nima.image.limits import Limits
from nima.image.product import Product, find_product
from nima.local.project import model_places
from nima.model.folder import find_model
from nima.model.litert import Model
from nima.model.manifest import HEADS, InputSpec
from nima.model.prepare import prepare, seen
from tests.bench.judgement.sources import ROOT

COLLECTIONS = ("camera", "kodak", "catalogue", "clothing", "cutout", "cutout-alpha")
"""Pictures that are larger than the canonical size, and products."""

LARGE = 0.03
_LARGEST_FRAME_2 = 1056
_EACH = 120
_REPEATS = 30
_SCORES = np.arange(1, 11)


def frame_2(frame: Image.Image) -> Image.Image:
    """The frame of version 2, out of one of today's."""
    longer = max(frame.size)
    if longer <= _LARGEST_FRAME_2:
        return frame
    width, height = (max(1, round(side * FRAME_SIDE / longer)) for side in frame.size)
    return frame.resize((width, height), FRAME_KERNEL)


def version_2(frame: Image.Image, product: Product | None, spec: InputSpec) -> NDArray[np.uint8]:
    """What a model saw of such a frame under version 2."""
    region = seen(frame, product)
    image = frame
    if product is not None and product.free:
        beyond = ceil(max(0, -region[0], -region[1], region[2] - frame.width, region[3] - frame.height))
        image = ImageOps.expand(frame, beyond, product.background)
        region = (region[0] + beyond, region[1] + beyond, region[2] + beyond, region[3] + beyond)
        size = (spec.canonical, spec.canonical)
    else:
        scale = min(1, spec.canonical / max(frame.size))
        size = (max(1, round(frame.width * scale)), max(1, round(frame.height * scale)))
    kernel = Image.Resampling[spec.kernel.upper()]
    if kernel is Image.Resampling.NEAREST or size[0] > region[2] - region[0]:
        image = image.resize(size, Image.Resampling.BICUBIC, box=region)
        region = (0.0, 0.0, float(image.width), float(image.height))
    sampled = np.asarray(image.resize((spec.width, spec.height), kernel, box=region))
    # The middle is made as it was.
    return np.concatenate([sampled, prepare(frame, product, spec)[spec.height :]])


@dataclass(frozen=True)
class Moves:
    """``[pictures, heads]``: by how much each mean moved."""

    by: NDArray[np.float64]

    @property
    def mean(self) -> NDArray[np.float64]:
        """Of each head, without sign."""
        found: NDArray[np.float64] = np.abs(self.by).mean(axis=0)
        return found

    @property
    def most(self) -> NDArray[np.float64]:
        found: NDArray[np.float64] = np.abs(self.by).max(axis=0)
        return found

    @property
    def large(self) -> int:
        """Pictures of which a mean moved by more than ``LARGE``."""
        return int((np.abs(self.by).max(axis=1) > LARGE).sum())


def pictures(photos: Path, collection: str) -> list[Path]:
    """Some of a collection, evenly spread."""
    found = sorted(path for path in (photos / collection).rglob("*") if path.is_file())
    return found[:: max(1, len(found) // _EACH)][:_EACH]


def moves(model: Model, paths: Iterable[Path]) -> Moves:
    spec = model.manifest.input
    found = []
    for path in paths:
        frame = read_picture(path.read_bytes(), Limits()).frame
        ways = ((version_2, frame_2(frame)), (prepare, frame))
        before, after = (model.predict(way(one, find_product(np.asarray(one)), spec)) for way, one in ways)
        found.append([float((after[head] - before[head]) @ _SCORES) for head in HEADS])
    return Moves(np.array(found))


def milliseconds(spec: InputSpec) -> tuple[float, float]:
    """Of either version for a frame as 12 megapixels give it, in turns."""
    frame = Image.fromarray(np.random.default_rng(0).integers(0, 256, (750, 1000, 3), dtype=np.uint8))
    times: dict[Callable[..., object], list[float]] = {version_2: [], prepare: []}
    for _ in range(_REPEATS):
        for way, seconds in times.items():
            started = time.perf_counter()
            way(frame, None, spec)
            seconds.append(time.perf_counter() - started)
    before, after = (1000 * median(seconds) for seconds in times.values())
    return before, after


@click.command(help=__doc__)
@click.option("--data", envvar="NIMA_SHARED_DATA", default=ROOT.parent / "shared/data", type=click.Path(path_type=Path))
@click.option("--model", help="The id of the model. Default: the best one installed.")
def main(data: Path, model: str | None) -> None:
    chosen = Model(find_model(model_places(), model), threads=1)
    photos = (ROOT / data / "photos").resolve()
    table = Table("Pictures", "", *HEADS, f"moved by more than {LARGE}", title=chosen.manifest.name)
    every = []
    for collection in COLLECTIONS:
        paths = pictures(photos, collection)
        found = moves(chosen, track(paths, collection, console=Console(stderr=True), transient=True))
        every.append(found.by)
        _add(table, collection, found)
    _add(table, "together", Moves(np.concatenate(every)))
    before, after = milliseconds(chosen.manifest.input)
    Console(width=110).print(table)
    click.echo(f"a frame of 1000 x 750: {before:.1f} ms before, {after:.1f} ms now")


def _add(table: Table, title: str, found: Moves) -> None:
    cells = (f"{mean:.4f}, at most {most:.3f}" for mean, most in zip(found.mean, found.most, strict=True))
    table.add_row(title, str(len(found.by)), *cells, str(found.large))


if __name__ == "__main__":
    main()
