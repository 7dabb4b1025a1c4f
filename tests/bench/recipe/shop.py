"""A shop with a taste of its own: its pictures, and what its raters think of them."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

COLLECTIONS = ("clothing", "grocery")
RATERS = 12
_THUMBNAIL = 160
_BORDER = 16
# How much the shop minds light, colours, quiet surroundings, and goods that stand out from these.
_TASTE = np.array([0.5, 0.45, 0.6, 0.35])
_MEAN, _SPREAD = 5.6, 1.3
# How far raters differ: in taste, in how kind they are, and from one picture to the next.
_OWN_TASTE, _KINDNESS, _MOOD = 0.2, 0.6, 0.9


def pictures(photos: Path, count: int) -> tuple[list[Path], list[Path]]:
    """The pictures that are rated, and others of the same kinds for percentiles."""
    files = [file for name in COLLECTIONS for file in sorted((photos / name).glob("*.jpg"))]
    order = np.random.default_rng(7).permutation(len(files))
    chosen = [files[i] for i in order]
    return chosen[:count], chosen[count:]


def rate(files: Sequence[Path], folder: Path) -> None:
    """Copies the pictures into ``folder/pictures`` and writes what twelve raters give each to ``folder/votes.csv``."""
    (folder / "pictures").mkdir(parents=True)
    rng = np.random.default_rng(11)
    seen = np.array([_traits(file) for file in files])
    seen = (seen - seen.mean(0)) / seen.std(0)
    kindness = rng.normal(0, _KINDNESS, RATERS)
    tastes = _TASTE + rng.normal(0, _OWN_TASTE, (RATERS, len(_TASTE)))
    liked = _MEAN + _SPREAD * (seen @ tastes.T) / np.linalg.norm(_TASTE)
    votes = np.clip(np.rint(liked + kindness + rng.normal(0, _MOOD, liked.shape)), 1, 10).astype(int)
    with (folder / "votes.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("image", "rater", "score"))
        for number, (source, given) in enumerate(zip(files, votes, strict=True)):
            name = f"{number:04}.jpg"
            shutil.copyfile(source, folder / "pictures" / name)
            writer.writerows((name, f"rater {rater}", vote) for rater, vote in enumerate(given, 1))


def _traits(file: Path) -> NDArray[np.float64]:
    """How light, colourful, quiet around and set off from its surroundings what a picture shows is."""
    with Image.open(file) as image:
        pixels = np.asarray(image.convert("RGB").resize((_THUMBNAIL, _THUMBNAIL)), np.float64) / 255
    middle = np.zeros(pixels.shape[:2], bool)
    middle[_BORDER:-_BORDER, _BORDER:-_BORDER] = True
    around, inside = pixels[~middle], pixels[middle]
    light = pixels.mean()
    red_green, yellow_blue = pixels[..., 0] - pixels[..., 1], pixels[..., :2].mean(-1) - pixels[..., 2]
    # Hasler and Suesstrunk, Measuring colourfulness in natural images, 2003.
    colours = np.hypot(red_green.std(), yellow_blue.std()) + 0.3 * np.hypot(red_green.mean(), yellow_blue.mean())
    quiet = -around.std(0).mean()
    apart = np.linalg.norm(inside.mean(0) - around.mean(0))
    return np.array([light, colours, quiet, apart])
