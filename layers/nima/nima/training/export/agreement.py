"""How surely a model is right: fitted to how far its composites are from its teacher's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nima.assess import signals
from nima.document.distribution import Distribution
from nima.errors import InvalidRequest
from nima.image.measure import Frame
from nima.image.product import find_product
from nima.model.agreement import SIGNALS, Agreement, Curve
from nima.model.litert import Model
from nima.model.manifest import HEADS, KINDS, PHOTOGRAPHS, PRODUCTS, Manifest
from nima.model.prepare import prepare
from nima.native import without_info
from nima.training.pictures import read_frame
from nima.training.progress import Tick

LEAST_PICTURES = 100
"""Fewest pictures of a kind that an agreement is fitted to."""

LIMITS = {PHOTOGRAPHS: (0.5, 0.85), PRODUCTS: (0.95, 0.98)}
"""Shares of the pictures from which the confidence is medium, and low. Few products are doubted: they are compared with
each other, and look alike."""

# Five places of each curve, from the sparse low end to the sparse high one.
_PLACES = (0.02, 0.25, 0.5, 0.75, 0.98)
# Of composites that agree by chance: what is below is one and the same.
_LEAST_DISTANCE = 0.03
_RIDGE = 100.0
_DIGITS = 4


def agree(
    folder: Path,
    name: str,
    files: Sequence[Path],
    teacher: Model,
    *,
    kinds: Sequence[str] = KINDS,
    tick: Tick | None = None,
) -> Manifest:
    """Scores pictures with a model and with its teacher, and writes into its manifest what their distance depends on.

    Of which kind there are fewer than ``LEAST_PICTURES`` is left as it was. The manifest gets another version.

    Args:
        folder: The model's folder.
        name: What the pictures are; ``{count}`` in it is their number.
        files: The pictures.
        teacher: The other model.
        kinds: Which agreements are replaced.
        tick: Called with how many of how many are done.

    Returns:
        What was written.

    Raises:
        InvalidRequest: There are too few of either kind.
        PermanentError: A picture cannot be decoded.
        ModelUnavailable: The model cannot be loaded.
    """
    with without_info():
        model = Model(folder)
    products, distances, measured = _measured(model, teacher, files, tick)
    found = {}
    for kind in kinds:
        chosen = products == (kind == PRODUCTS)
        if (count := int(chosen.sum())) >= LEAST_PICTURES:
            curves, sums = fit(distances[chosen], measured[chosen])
            limits = (round(float(np.quantile(sums, share)), _DIGITS) for share in LIMITS[kind])
            found[kind] = Agreement(teacher.manifest.name, name.replace("{count}", f"{count:,}"), curves, *limits)
    if not found:
        raise InvalidRequest(f"An agreement needs at least {LEAST_PICTURES} photographs, or as many products.")
    manifest = Manifest.read(folder)
    manifest = replace(manifest, agreement={**manifest.agreement, **found}).renewed()
    manifest.write(folder)
    return manifest


def fit(distances: NDArray[np.float64], measured: NDArray[np.float64]) -> tuple[dict[str, Curve], NDArray[np.float64]]:
    """The curves whose sum is nearest to the logarithm of the distances, flattened by a ridge.

    Args:
        distances: ``[n]``, how far the two models' composites are apart.
        measured: ``[n, len(SIGNALS)]``.

    Returns:
        A curve for each of ``SIGNALS``, each of mean 0 over the pictures, and their sums ``[n]``.
    """
    logarithms = np.log(distances + _LEAST_DISTANCE)
    places = [np.unique(np.quantile(column, _PLACES).round(_DIGITS)) for column in measured.T]
    # Hat functions: what each place of a curve has a share in, where it is the only one that is not 0.
    hats = [
        np.stack([np.interp(column, at, one) for one in np.eye(len(at))], axis=1)
        for column, at in zip(measured.T, places, strict=True)
    ]
    means = np.concatenate([hat.mean(axis=0) for hat in hats])
    design = np.concatenate(hats, axis=1) - means
    normal = design.T @ design + _RIDGE * np.eye(design.shape[1])
    heights = np.linalg.solve(normal, design.T @ (logarithms - logarithms.mean()))
    curves, start = {}, 0
    for name, at in zip(SIGNALS, places, strict=True):
        part = slice(start, start + len(at))
        adds = (heights[part] - heights[part] @ means[part]).round(_DIGITS)
        curves[name] = Curve(tuple(at.tolist()), tuple(adds.tolist()))
        start = part.stop
    return curves, np.array(
        [sum(c.of(v) for c, v in zip(curves.values(), row, strict=True)) for row in measured.tolist()]
    )


def _measured(
    model: Model, teacher: Model, files: Sequence[Path], tick: Tick | None
) -> tuple[NDArray[np.bool_], NDArray[np.float64], NDArray[np.float64]]:
    """Of each picture whether it shows a product, how far the composites are apart, and its ``SIGNALS``."""
    products, distances, measured = [], [], []
    for done, file in enumerate(files, 1):
        image = read_frame(file)
        product = find_product(np.asarray(image))
        answers = [
            {head: Distribution.of(p.tolist()) for head, p in one.predict(prepare(image, product, spec)).items()}
            for one, spec in ((model, model.manifest.input), (teacher, teacher.manifest.input))
        ]
        mine, theirs = (np.mean([answer[head].mean for head in HEADS]) for answer in answers)
        found = {**signals.of_frame(Frame(image, product)), **signals.of_scores(*(answers[0][head] for head in HEADS))}
        products.append(product is not None)
        distances.append(abs(float(mine - theirs)))
        measured.append([found[name] for name in SIGNALS])
        if tick:
            tick(done, len(files))
    return np.array(products, bool), np.array(distances), np.array(measured).reshape(len(files), len(SIGNALS))
