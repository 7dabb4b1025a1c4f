"""What nima-lite's stars are by, and how they fall: ``python -m tests.bench.scale [--calibrate]``.

``--calibrate`` scores the training side of the shared photographs (``NIMA_SHARED_DATA``) and writes the populations and
the agreement with the teacher into the shipped manifest. Without it the other side is scored: stars of everyday
photographs and of products in every style, and the shapes of the distributions beside real votes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from nima.assess.scale import scale_of
from nima.document.composite import STYLES, compose
from nima.local.adopt import adopt
from nima.model.folder import SHIPPED
from nima.model.litert import Model
from nima.model.manifest import HEADS, PHOTOGRAPHS, PRODUCTS, SCORES, Manifest
from nima.training.distill.data_list import HELD_OUT, TRAIN
from nima.training.evaluate.evaluation import predict
from nima.training.export.agreement import agree
from nima.training.export.calibrate import calibrate
from tests.bench.judgement import sources
from tests.bench.judgement.sources import CATALOGUE, KODAK, ROOT, Source

SHARED = ROOT / os.environ.get("NIMA_SHARED_DATA", "../shared/data")
PHOTOS = SHARED / "photos"
FOLDER = SHIPPED / "nima-lite"
EVERYDAY = 500
_NEAR = 100
_SCORES = np.arange(1, SCORES + 1)


def everyday(split: str) -> list[Source]:
    """Photographs of anything; on the held-out side of goods too, ``EVERYDAY`` at most."""
    found = sources.of(sources.photographs(PHOTOS), split)
    if split == TRAIN:
        return [source for source in found if source.collection != KODAK]
    return sources.drawn([*found, *sources.of(sources.goods(PHOTOS), split)], EVERYDAY)


def products(split: str) -> list[Source]:
    """Goods on a plain ground, as far as ``find_product`` sees them; of the catalogue half of its products each."""
    split_up = [replace(source, split=_half(source.group)) for source in sources.catalogue(PHOTOS)]
    others = [s for s in (*sources.packshots(PHOTOS), *sources.goods(PHOTOS)) if s.collection != CATALOGUE]
    return sources.of([*split_up, *others], split)


def peaks(distribution: Sequence[float]) -> int:
    """How many scores, or runs of equal ones, are voted for more than their neighbours."""
    rounded = [round(p, 6) for p in distribution]
    runs = [p for place, p in enumerate(rounded) if place == 0 or p != rounded[place - 1]]
    padded = [-1.0, *runs, -1.0]
    return sum(padded[i - 1] < padded[i] > padded[i + 1] for i in range(1, len(padded) - 1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calibrate", action="store_true")
    if parser.parse_args().calibrate:
        _calibrate()
    else:
        _measure()


def _calibrate() -> None:
    for kind, found, name in (
        (PHOTOGRAPHS, everyday(TRAIN), "{count} everyday photographs"),
        (PRODUCTS, products(TRAIN), "{count} products on a plain ground"),
    ):
        files = [source.path for source in found]
        done = calibrate(FOLDER, name, files, kinds=(kind,), one_peak=("technical",))
        print(f"{done.name}: {done.composites[kind].name}", flush=True)
    _agree()


def _agree() -> None:
    every = [*sources.of([*sources.photographs(PHOTOS), *sources.goods(PHOTOS)], TRAIN)]
    with TemporaryDirectory() as folder:
        teacher = Model(adopt(SHARED / "nima-idealo", Path(folder)))
        for kind, found, name in (
            (PHOTOGRAPHS, [s for s in every if s.collection != KODAK], "{count} photographs of anything"),
            (PRODUCTS, products(TRAIN), "{count} products on a plain ground"),
        ):
            done = agree(FOLDER, name, [source.path for source in found], teacher, kinds=(kind,))
            print(f"{done.name}: {done.agreement[kind].pictures}", flush=True)


def _half(group: str) -> str:
    return (TRAIN, HELD_OUT)[hashlib.sha256(group.encode()).digest()[0] % 2]


def _measure() -> None:
    model = Model(FOLDER)
    raw = Model(FOLDER)
    raw.manifest = replace(model.manifest, votes={})
    print(f"{model.manifest.name}\n")
    for title, found, wanted in (
        ("everyday photographs", everyday(HELD_OUT), False),
        ("products", products(HELD_OUT), True),
    ):
        files = [source.path for source in found]
        is_product, before = predict(raw, files)
        after = np.array(
            [[_finished(model.manifest, head, p) for head, p in zip(HEADS, each, strict=True)] for each in before]
        )
        shown = is_product if wanted else np.ones(len(files), bool)
        _stars(title, model.manifest, is_product[shown], after[shown])
        if not wanted:
            _shapes(before, after)


def _finished(manifest: Manifest, head: str, answer: NDArray[np.float64]) -> Sequence[float]:
    found: list[float] = answer.tolist()
    return manifest.votes[head].like(found) if head in manifest.votes else found


def _stars(title: str, manifest: Manifest, is_product: NDArray[np.bool_], answers: NDArray[np.float64]) -> None:
    means = answers @ _SCORES
    stds = np.sqrt(answers @ _SCORES**2 - means**2)
    print(f"| {len(means)} {title}: style | stars | median | 4 and more | divided |\n|---|---|---|---|---|")
    for style in STYLES:
        judged = [
            compose(t, a, float(s[1]), style, scale=scale_of(manifest, bool(product)))
            for (t, a), s, product in zip(means.tolist(), stds, is_product, strict=True)
        ]
        stars = [composite.stars for composite in judged]
        shares = ", ".join(f"{star:g}: {count / len(stars):.1%}" for star, count in sorted(Counter(stars).items()))
        high, split = (sum(x) / len(stars) for x in ((s >= 4 for s in stars), (c.note is not None for c in judged)))
        print(f"| {style} | {shares} | {median(stars):g} | {high:.1%} | {split:.1%} |")
    print()


def _shapes(before: NDArray[np.float64], after: NDArray[np.float64]) -> None:
    votes = np.array([e["label"] for e in json.loads((SHARED / "labels/ava19929_labels.json").read_text())], float)
    counts = votes.sum(axis=1)
    real_means = votes @ _SCORES / counts
    real_stds = np.sqrt((votes @ _SCORES**2 / counts - real_means**2) * counts / (counts - 1))
    ordered = np.argsort(real_means)
    print("| head | several peaks, before / after | mean moved by at most | std before / after | real votes' |")
    print("|---|---|---|---|---|")
    for place, head in enumerate(HEADS):
        pair = before[:, place], after[:, place]
        combs = [sum(peaks(p) > 1 for p in answers.tolist()) for answers in pair]
        moved = np.abs((pair[0] - pair[1]) @ _SCORES).max()
        one, other = (np.sqrt(p @ _SCORES**2 - (p @ _SCORES) ** 2).mean() for p in pair)
        # Of real pictures, the 200 that are nearest in the mean.
        at = np.searchsorted(real_means[ordered], pair[0] @ _SCORES).clip(_NEAR, len(ordered) - _NEAR)
        real = real_stds[ordered[at[:, None] + np.arange(-_NEAR, _NEAR)]].mean()
        print(f"| {head} | {combs[0]} / {combs[1]} of {len(at)} | {moved:.1e} | {one:.2f} / {other:.2f} | {real:.2f} |")


if __name__ == "__main__":
    main()
