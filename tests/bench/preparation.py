"""How far version 2 of the preprocessing moves means from version 1, and what it costs beside it.

``python -m tests.bench.preparation`` prints a table for the photographs of NIMA_SHARED_DATA. Version 1 resampled a
whole picture to the canonical size, and that again to the model's input.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import click
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rich.console import Console
from rich.progress import track
from rich.table import Table

from nima.image.decode import read_picture
from nima.image.limits import Limits
from nima.image.product import Product, find_product
from nima.local.project import model_places
from nima.model.folder import find_model
from nima.model.litert import Model
from nima.model.manifest import HEADS, InputSpec
from nima.model.prepare import CANONICAL_FILL, prepare
from tests.bench.judgement.sources import ROOT

COLLECTIONS = ("camera", "kodak", "catalogue", "clothing", "cutout", "cutout-alpha")
"""Pictures that are larger than the canonical size, and products."""

LARGE = 0.03
_EACH = 120
_REPEATS = 30
_SCORES = np.arange(1, 11)


def version_1(frame: Image.Image, product: Product | None, spec: InputSpec) -> NDArray[np.uint8]:
    """What a model saw of a frame under version 1."""
    side = spec.canonical
    if product is not None and product.free:
        left, top, right, bottom = product.box
        length = max(right - left, bottom - top) / CANONICAL_FILL
        scale = side / length
        x0, y0 = (left + right - length) / 2, (top + bottom - length) / 2
        source = (max(0.0, x0), max(0.0, y0), min(frame.width, x0 + length), min(frame.height, y0 + length))
        size = (max(1, round((source[2] - source[0]) * scale)), max(1, round((source[3] - source[1]) * scale)))
        canonical = Image.new("RGB", (side, side), product.background)
        part = frame.resize(size, Image.Resampling.BICUBIC, box=source)
        canonical.paste(part, (round((source[0] - x0) * scale), round((source[1] - y0) * scale)))
    else:
        scale = min(1, side / max(frame.size))
        size = (max(1, round(frame.width * scale)), max(1, round(frame.height * scale)))
        canonical = frame.resize(size, Image.Resampling.BICUBIC)
    sampled = np.asarray(canonical.resize((spec.width, spec.height), Image.Resampling[spec.kernel.upper()]))
    if not spec.tile:
        return sampled
    pixels = np.asarray(canonical)
    missing = [max(0, wanted - have) for wanted, have in zip((spec.tile, spec.width), pixels.shape, strict=False)]
    pixels = np.pad(pixels, [*((m // 2, m - m // 2) for m in missing), (0, 0)], "symmetric")
    top, left = (pixels.shape[0] - spec.tile) // 2, (pixels.shape[1] - spec.width) // 2
    return np.concatenate([sampled, pixels[top : top + spec.tile, left : left + spec.width]])


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
        product = find_product(np.asarray(frame))
        before, after = (model.predict(way(frame, product, spec)) for way in (version_1, prepare))
        found.append([float((after[head] - before[head]) @ _SCORES) for head in HEADS])
    return Moves(np.array(found))


def milliseconds(spec: InputSpec) -> tuple[float, float]:
    """Of either version for a frame as 12 megapixels give it, in turns."""
    frame = Image.fromarray(np.random.default_rng(0).integers(0, 256, (750, 1000, 3), dtype=np.uint8))
    times: dict[Callable[..., object], list[float]] = {version_1: [], prepare: []}
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
