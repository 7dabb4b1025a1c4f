"""How good nima-lite is, on pictures that it never saw: ``python -m tests.bench.lite --data ../shared/data``.

Prints a table and, with ``--json FILE``, writes the figures. Needs the photographs, TID2013's scores and the teacher,
installed as nima-mobilenet-int8.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from rich.console import Console
from rich.progress import track
from rich.table import Table

from nima.image.decode import read_picture
from nima.image.limits import Limits
from nima.image.product import find_product
from nima.model.folder import SHIPPED
from nima.model.litert import Model
from nima.model.manifest import HEADS
from nima.model.prepare import prepare
from nima.training import metrics
from nima.training.distill import data_list, tid2013
from nima.training.samples import distortions
from nima.training.samples.teacher import VIEWS, Teacher
from tests.models import pack_random

ROOT = Path(__file__).resolve().parents[2]
DATA_LIST = ROOT / "docs" / "nima-lite" / "photographs.csv"
LADDER_PICTURES = 100
_SCORES = np.arange(1, 11)
_SIDES = (4000, 2000, 1000, 640)
_REPEATS = 150
_SEED = 7
# Noise, blur, JPEG and JPEG 2000, by TID2013's numbers.
_CLASSIC = (1, 8, 10, 11)
_TEACHER_VIEWS = {"picture": (0,), "four views": VIEWS}


def means(model: Model, frame: Image.Image) -> dict[str, float]:
    """The mean of each head for a decoded picture, prepared as it is when served."""
    answer = model.predict(prepare(frame, find_product(np.asarray(frame)), model.manifest.input))
    return {head: float(answer[head] @ _SCORES) for head in HEADS}


def file_means(model: Model, content: bytes) -> dict[str, float]:
    return means(model, read_picture(content, Limits()).frame)


def agreement(lite: Model, teacher: Teacher, files: Sequence[Path]) -> dict[str, Any]:
    """How near the means are to the teacher's answer for the picture, and to the mean of its answers for four views."""
    ours: dict[str, list[float]] = {head: [] for head in HEADS}
    theirs: dict[str, dict[str, list[float]]] = {name: {head: [] for head in HEADS} for name in _TEACHER_VIEWS}
    for path in files:
        frame = read_picture(path.read_bytes(), Limits()).frame
        product = find_product(np.asarray(frame))
        for head, mean in means(lite, frame).items():
            ours[head].append(mean)
        for name, views in _TEACHER_VIEWS.items():
            for head, distribution in zip(HEADS, teacher.label(frame, product, views), strict=True):
                theirs[name][head].append(float(distribution @ _SCORES))
    found: dict[str, Any] = {"pictures": len(files)}
    for head in HEADS:
        a, b, smooth = ours[head], theirs["picture"][head], theirs["four views"][head]
        found[head] = {
            "srcc": metrics.srcc(a, b),
            "plcc": metrics.plcc(a, b),
            "mae": metrics.mae(a, b),
            "srcc_four_views": metrics.srcc(a, smooth),
            "mae_four_views": metrics.mae(a, smooth),
        }
    return found


def tid(model: Model, data: Path) -> dict[str, Any]:
    """SRCC of technical means with people's on noise, blur, JPEG and JPEG 2000, regenerated, of the held-out scenes."""
    labels = data / "labels" / "tid_labels_test.json"
    rated = list(
        tid2013.regenerate(data / "photos" / "kodak", labels, tid2013.HELD_OUT_SCENES, tuple(distortions.TID2013))
    )
    human = [float(r.distribution @ _SCORES) for r in rated]
    ours = [means(model, r.image)["technical"] for r in rated]
    classic = [i for i, r in enumerate(rated) if r.distortion in _CLASSIC]
    found = {
        "classic": metrics.srcc([ours[i] for i in classic], [human[i] for i in classic]),
        "all": metrics.srcc(ours, human),
    }
    for change in sorted({r.change for r in rated}):
        chosen = [i for i, r in enumerate(rated) if r.change == change]
        found[change] = metrics.srcc([ours[i] for i in chosen], [human[i] for i in chosen])
    return found


def ladders(model: Model, files: Sequence[Path]) -> dict[str, float]:
    """Share of the photographs whose technical mean falls at every one of five steps of a change."""
    found = {}
    for name, strengths in distortions.LADDERS.items():
        falling = 0
        for path in track(files, f"Ladder: {name}", console=Console(stderr=True), transient=True):
            frame = read_picture(path.read_bytes(), Limits()).frame
            rng = np.random.default_rng(_SEED)
            steps = [frame, *(distortions.CHANGES[name](frame, s, rng) for s in strengths)]
            scores = [means(model, step)["technical"] for step in steps]
            falling += all(after < before for before, after in pairwise(scores))
        found[name] = falling / len(files)
    return found


def references(model: Model, folder: Path) -> dict[str, Any]:
    """Whether each really distorted TID2013 picture scores below its reference."""
    pairs = [(folder / "I01.BMP", folder / "i01_01_5.bmp")]
    pairs += [(path.with_name(path.name.replace("dist", "ref")), path) for path in sorted(folder.glob("dist_*"))]
    falls = {
        worse.stem: file_means(model, worse.read_bytes())["technical"]
        - file_means(model, better.read_bytes())["technical"]
        for better, worse in pairs
    }
    return {"below": sum(fall < 0 for fall in falls.values()), "of": len(falls), "differences": falls}


def sizes(model: Model, files: Sequence[Path]) -> dict[str, float]:
    """Spread of the aesthetic mean of one photograph saved at several sizes."""
    spreads = []
    for path in files:
        original = Image.open(path).convert("RGB")
        largest = original.resize(_scaled(original.size, _SIDES[0]), Image.Resampling.BICUBIC)
        scores = []
        for side in _SIDES:
            buffer = io.BytesIO()
            largest.resize(_scaled(original.size, side), Image.Resampling.LANCZOS).save(buffer, "JPEG", quality=95)
            scores.append(file_means(model, buffer.getvalue())["aesthetic"])
        spreads.append(max(scores) - min(scores))
    return {"mean": float(np.mean(spreads)), "largest": max(spreads), "pictures": len(spreads)}


def speed(lite: Path, teacher: Path) -> dict[str, float]:
    """Medians of one thread, taken in turns, in milliseconds."""
    loads: dict[str, list[float]] = {"lite": [], "teacher": []}
    for _ in range(5):
        for name, folder in (("lite", lite), ("teacher", teacher)):
            loads[name].append(_ms(partial(Model, folder, threads=1)))
    models = {"lite": Model(lite, threads=1), "teacher": Model(teacher, threads=1)}
    runs: dict[str, list[float]] = {"lite": [], "teacher": []}
    for _ in range(_REPEATS):
        for name, model in models.items():
            spec = model.manifest.input
            pixels = np.zeros(spec.shape, np.uint8)
            runs[name].append(_ms(partial(model.predict, pixels)))
    ours, theirs = (float(np.median(runs[name])) for name in ("lite", "teacher"))
    return {
        "lite_ms": ours,
        "teacher_ms": theirs,
        "ratio": ours / theirs,
        "lite_load_ms": float(np.median(loads["lite"])),
        "teacher_load_ms": float(np.median(loads["teacher"])),
    }


def speed_beside_float32(lite: Path) -> dict[str, float]:
    """The same beside two MobileNets as idealo published them, in float32; their weights are random here."""
    with tempfile.TemporaryDirectory() as name:
        pack_random(Path(name), alpha=1.0)
        return speed(lite, Path(name))


def _ms(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - started)


def _scaled(size: tuple[int, int], side: int) -> tuple[int, int]:
    return round(size[0] * side / max(size)), round(size[1] * side / max(size))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("NIMA_SHARED_DATA", "../shared/data")))
    parser.add_argument("--models", type=Path, default=SHIPPED)
    parser.add_argument("--model", default="nima-lite")
    parser.add_argument("--teacher", type=Path, default=ROOT / "functions/score/models/nima-mobilenet-int8")
    parser.add_argument("--list", type=Path, default=DATA_LIST)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    photos = arguments.data / "photos"
    held_out: dict[str, list[Path]] = {}
    for entry in data_list.read(arguments.list):
        path = photos / entry.collection / entry.picture
        if entry.split == data_list.HELD_OUT and entry.collection != "kodak" and path.is_file():
            held_out.setdefault(entry.collection, []).append(path)
    lite, teacher = Model(arguments.models / arguments.model), Model(arguments.teacher)
    labels = Teacher(arguments.teacher)
    figures: dict[str, Any] = {
        "model": f"{lite.manifest.id} {lite.manifest.version}",
        "agreement": {name: agreement(lite, labels, files) for name, files in held_out.items()},
        "tid2013": {"lite": tid(lite, arguments.data), "teacher": tid(teacher, arguments.data)},
        "ladders": ladders(lite, held_out["general"][:LADDER_PICTURES]),
        "references": references(lite, arguments.data / "rated" / "tid2013"),
        "sizes": sizes(lite, held_out["camera"]),
        "speed": speed(arguments.models / arguments.model, arguments.teacher),
        "speed_float32": speed_beside_float32(arguments.models / arguments.model),
    }
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    _show(figures)


def _show(figures: dict[str, Any]) -> None:
    table = Table("What", "Technical", "Aesthetic", title=figures["model"])
    for name, found in figures["agreement"].items():
        for title, suffix in (
            (f"{found['pictures']} held-out {name}", ""),
            ("the teacher's mean of four views", "_four_views"),
        ):
            row = (f"SRCC {found[h]['srcc' + suffix]:.3f}, MAE {found[h]['mae' + suffix]:.3f}" for h in HEADS)
            table.add_row(title, *row)
    for name in ("lite", "teacher"):
        found = figures["tid2013"][name]
        table.add_row(f"TID2013 regenerated, {name}", f"SRCC {found['classic']:.3f}; nine kinds {found['all']:.3f}", "")
    steps = ", ".join(f"{name} {share:.0%}" for name, share in figures["ladders"].items())
    table.add_row("falls at each of five steps", steps, "")
    found = figures["references"]
    table.add_row("TID2013 originals below reference", f"{found['below']} of {found['of']}", "")
    found = figures["sizes"]
    table.add_row("4000 to 640 px", "", f"spread {found['mean']:.3f}, at most {found['largest']:.3f}")
    found = figures["speed"]
    table.add_row("inference", f"{found['lite_ms']:.1f} ms, {found['ratio']:.2f} of the teachers", "")
    table.add_row("inference", f"{figures['speed_float32']['ratio']:.2f} of two MobileNets in float32", "")
    table.add_row("load", f"{found['lite_load_ms']:.0f} ms", "")
    Console(width=130).print(table)


if __name__ == "__main__":
    main()
