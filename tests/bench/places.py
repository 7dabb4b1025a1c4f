"""How often maps mark what was spoiled in a quarter of a photograph, and the milliseconds that each takes.

``python -m tests.bench.places`` prints both for photographs of NIMA_SHARED_DATA that nima-lite was never trained on.
"""

from __future__ import annotations

import io
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from statistics import median

import click
import numpy as np
from PIL import Image, ImageFilter
from rich.console import Console
from rich.progress import track
from rich.table import Table

from nima.assess.assessor import Assessor
from nima.assess.maps import REASONS
from nima.assess.occlusion import occluded
from nima.image.decode import read_picture
from nima.image.limits import Limits
from nima.image.measure import Frame
from nima.image.places import lettering
from nima.image.product import find_product
from nima.local.project import model_places
from nima.model.folder import find_model
from nima.model.litert import LazyModel, Model
from nima.model.prepare import prepare, seen
from nima.training.defects.lettering import KINDS, lettered
from nima.training.distill.data_list import HELD_OUT
from tests.bench.judgement.sources import ROOT, drawn, of, photographs
from tests.pictures import encode

LEAST_LOSS = 0.1
"""Points that spoiling has to cost: what the model does not mind lowers its score nowhere."""

LEAST_SIDE = 300
_FOUND = 0.5
_REPEATS = 15
_SCORES = np.arange(1, 11)

Box = tuple[int, int, int, int]


def _noisy(part: Image.Image) -> Image.Image:
    noise = np.random.default_rng(0).normal(0, 20, (part.height, part.width, 3))
    return Image.fromarray(np.clip(np.asarray(part) + noise, 0, 255).astype(np.uint8))


def _compressed(part: Image.Image) -> Image.Image:
    file = io.BytesIO()
    part.save(file, "JPEG", quality=6)
    return Image.open(file).convert("RGB")


SPOILERS: Mapping[str, Callable[[Image.Image], Image.Image]] = {
    "blur, sigma .8 % of the side": lambda part: part.filter(ImageFilter.GaussianBlur(0.016 * max(part.size))),
    "noise, sd 20": _noisy,
    "JPEG, quality 6": _compressed,
    "a quarter of the brightness": lambda part: part.point(lambda level: level * 0.25),
}


def quarter(image: Image.Image, number: int) -> Box:
    """The box of one of the four quarters, 0 to 3."""
    across, down = image.width // 2, image.height // 2
    left, top = number % 2 * across, number // 2 * down
    return left, top, left + across, top + down


def covered(model: Model, clean: Image.Image, number: int, spoil: Callable[[Image.Image], Image.Image]) -> bool | None:
    """Whether the technical map is lowest in the quarter that was spoiled; None where that costs too little."""

    def ask(frame: Image.Image) -> dict[str, float]:
        return {"technical": float(model.predict(prepare(frame, None, model.manifest.input))["technical"] @ _SCORES)}

    box, image = quarter(clean, number), clean.copy()
    image.paste(spoil(clean.crop(box)), box)
    means = ask(image)
    if ask(clean)["technical"] - means["technical"] < LEAST_LOSS:
        return None
    grid = occluded(image, seen(image, None), means, ask)["technical"]
    return bool(np.argmin(grid.reshape(2, 2, 2, 2).mean(axis=(1, 3))) == number)


def on_text(clean: Image.Image, kind: str, number: int) -> bool:
    """Whether the map of lettering has its strongest place, which is strong, where letters were laid."""
    image = lettered(clean, kind, np.random.default_rng(number))
    laid = np.abs(np.asarray(image).astype(np.int16) - np.asarray(clean)).max(axis=2) > 20
    grid = lettering(Frame(image, None))
    row, column = np.unravel_index(np.argmax(grid), grid.shape)
    tall, wide = laid.shape[0] / grid.shape[0], laid.shape[1] / grid.shape[1]
    place = laid[int(row * tall) : int((row + 1) * tall), int(column * wide) : int((column + 1) * wide)]
    return bool(grid.max() >= _FOUND and place.mean() > 0.1)


def milliseconds(folder: Path, clean: Image.Image) -> dict[str, float]:
    """Of each map of a frame, at one thread; and of a whole answer with maps and without."""
    model = Model(folder, threads=1)
    frame = Frame(clean, find_product(np.asarray(clean)))
    spec, region = model.manifest.input, seen(clean, None)
    means = {head: float(answer @ _SCORES) for head, answer in model.predict(prepare(clean, None, spec)).items()}

    def ask(image: Image.Image) -> dict[str, float]:
        return {head: float(found @ _SCORES) for head, found in model.predict(prepare(image, None, spec)).items()}

    data = encode(clean.resize((4000, 3000)), "JPEG", quality=90)
    ways: dict[str, Callable[[], object]] = {
        "exact": lambda: model.contributions(prepare(clean, None, spec)),
        "by covering": lambda: occluded(clean, region, means, ask),
        **{name: lambda measure=measure: measure(frame) for name, measure in REASONS.items()},  # type: ignore[misc]
    }
    for maps in (False, True):
        assessor = Assessor(LazyModel(folder, 1), maps=maps)
        ways[f"12 MP, {'with' if maps else 'without'} maps"] = lambda assessor=assessor: assessor.assess(data)  # type: ignore[misc]
    return {name: _timed(way) for name, way in ways.items()}


def _timed(way: Callable[[], object]) -> float:
    times = []
    for _ in range(_REPEATS):
        started = time.perf_counter()
        way()
        times.append(1000 * (time.perf_counter() - started))
    return median(times)


def _frames(paths: Iterable[Path]) -> list[Image.Image]:
    frames = [read_picture(path.read_bytes(), Limits()).frame for path in paths]
    return [frame for frame in frames if max(frame.size) >= LEAST_SIDE]


@click.command(help=__doc__)
@click.option("--data", envvar="NIMA_SHARED_DATA", default=ROOT.parent / "shared/data", type=click.Path(path_type=Path))
@click.option("--model", default="nima-lite", show_default=True)
@click.option("--photographs", "count", default=40, show_default=True)
def main(data: Path, model: str, count: int) -> None:
    folder = find_model(model_places(), model)
    chosen = Model(folder, threads=1)
    sources = drawn(of(photographs((ROOT / data / "photos").resolve()), HELD_OUT), count)
    frames = _frames(source.path for source in sources)
    found: dict[str, list[bool]] = defaultdict(list)
    for number, frame in enumerate(track(frames, "photographs", console=Console(stderr=True), transient=True)):
        for name, spoil in SPOILERS.items():
            hit = covered(chosen, frame, number % 4, spoil)
            found[name] += [] if hit is None else [hit]
        for kind in KINDS:
            found[f"lettering, {kind}"].append(on_text(frame, kind, number))
        found["no lettering seen on a clean one"].append(bool(lettering(Frame(frame, None)).max() < _FOUND))
    table = Table("Spoiled", "marked where it is", title=f"{chosen.manifest.name}, {len(frames)} photographs")
    for name, hits in found.items():
        table.add_row(name, f"{sum(hits)} of {len(hits)}")
    Console(width=100).print(table)
    for name, taken in milliseconds(folder, frames[0]).items():
        click.echo(f"{name}: {taken:.0f} ms")


if __name__ == "__main__":
    main()
