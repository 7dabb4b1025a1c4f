"""The numbers of every example, measured in processes and kept by source, so that what was stopped goes on."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nima.errors import NimaError
from nima.image.decode import read_picture
from nima.image.limits import Limits
from nima.image.measure import Frame
from nima.image.numbers import numbers
from nima.image.product import find_product
from nima.training.reasons.examples import Source, examples
from nima.whole import whole

_CALM = 10


@dataclass(frozen=True)
class Rows:
    """Measured examples.

    Attributes:
        names: Of the numbers.
        values: ``[n, numbers]``.
        codes: ``[n]``, what is wrong with each, or one of ``examples.CLEAN`` and ``examples.LOOK_ALIKE``.
        products: ``[n]``, whether a product was found on it.
        goods: ``[n]``, whether it was made of goods on white.
        groups: ``[n]``, of its source.
    """

    names: tuple[str, ...]
    values: NDArray[np.float32]
    codes: NDArray[np.str_]
    products: NDArray[np.bool_]
    goods: NDArray[np.bool_]
    groups: NDArray[np.str_]


def measure(
    sources: Sequence[Source],
    behind: Sequence[Path],
    kept: Path,
    *,
    seed: int,
    workers: int,
    tick: Callable[[int, int], None],
) -> Rows:
    """The rows of all sources that can be decoded.

    Args:
        sources: What examples are made of.
        behind: Photographs to lay behind goods.
        kept: Folder of what was measured before, and of what is measured now.
        seed: Of all chance.
        workers: Processes.
        tick: Called with how many of how many sources are done.
    """
    kept.mkdir(parents=True, exist_ok=True)
    found = []
    with ProcessPoolExecutor(workers, get_context("spawn"), _begin) as pool:
        tasks = [pool.submit(_measured, source, tuple(behind), kept, seed) for source in sources]
        try:
            for done, task in enumerate(tasks, 1):
                found.append(task.result())
                tick(done, len(tasks))
        finally:
            pool.shutdown(cancel_futures=True)
    parts = [(source, _read(path)) for source, path in zip(sources, found, strict=True) if path]
    return Rows(
        names=tuple(parts[0][1]["names"].tolist()) if parts else (),
        values=np.concatenate([part["values"] for _, part in parts]),
        codes=np.concatenate([part["codes"] for _, part in parts]),
        products=np.concatenate([part["products"] for _, part in parts]),
        goods=np.concatenate([np.full(len(part["codes"]), source.goods) for source, part in parts]),
        groups=np.concatenate([np.full(len(part["codes"]), source.group) for source, part in parts]),
    )


def _begin() -> None:
    os.nice(max(0, _CALM - os.nice(0)))


def _measured(source: Source, behind: Sequence[Path], kept: Path, seed: int) -> Path | None:
    name = repr((source.group, source.path.name, source.path.stat().st_size, source.goods, source.turn, seed))
    path = kept / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.npz"
    if path.exists():
        return path
    rows, codes, products = [], [], []
    try:
        for code, content in examples(source, behind, seed):
            image = read_picture(content, Limits()).frame
            product = find_product(np.asarray(image))
            found = numbers(Frame(image, product))
            rows.append(list(found.values()))
            codes.append(code)
            products.append(product is not None)
    except NimaError:
        return None
    with whole(path) as part, part.open("wb") as file:
        np.savez(
            file,
            names=np.array(list(found)),
            values=np.array(rows, np.float32),
            codes=np.array(codes),
            products=np.array(products),
        )
    return path


def _read(path: Path) -> dict[str, NDArray[np.generic]]:
    with np.load(path) as part:
        return {name: part[name] for name in part.files}
