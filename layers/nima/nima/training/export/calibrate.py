"""What a model's scores are compared with: how they are spread over a stated set of pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nima.errors import InvalidRequest
from nima.model import seal
from nima.model.composites import Composites
from nima.model.litert import Model
from nima.model.manifest import HEADS, KINDS, PRODUCTS, SCORES, Manifest, Population
from nima.model.votes import AVA
from nima.native import without_info
from nima.training.evaluate.evaluation import predict
from nima.training.progress import Tick

LEAST_PICTURES = 100
"""Fewest pictures that stand for a population."""

DIVISIVE_SHARE = 5
"""Share, in percent, of a population whose opinions are said to split."""

_SHARES = np.linspace(0, 1, 11)
_PERCENTS = np.arange(101)
_DIGITS = 4
_LEAST_DEVIATION = 1e-6


def calibrate(
    folder: Path,
    name: str,
    files: Sequence[Path],
    heads: Sequence[str] = HEADS,
    *,
    kinds: Sequence[str] = KINDS,
    one_peak: Sequence[str] = (),
    tick: Tick | None = None,
) -> Manifest:
    """Scores pictures with a model and writes what its scores are compared with into its manifest.

    Pictures in which a product is found make the population of products, all others that of photographs. Of which
    there are fewer than ``LEAST_PICTURES`` is left as it was. The manifest gets another version, as its results change.

    Args:
        folder: The model's folder.
        name: What the pictures are, as it reads after "better than 72 % of"; ``{count}`` in it is their number.
        files: The pictures.
        heads: Which heads' percentiles are replaced; what stars are by is where these are all.
        kinds: Which populations are replaced.
        one_peak: Heads whose answers become ``nima.model.votes.AVA`` from now on.
        tick: Called with how many of how many are done.

    Returns:
        What was written.

    Raises:
        InvalidRequest: There are too few of either kind.
        PermanentError: A picture cannot be decoded.
        ModelUnavailable: The model cannot be loaded.
    """
    if len(files) < LEAST_PICTURES:
        raise _too_few(f"these are {len(files)}")
    with without_info():
        model = Model(folder)
    products, distributions = predict(model, files, tick)
    found = {kind: distributions[products == (kind == PRODUCTS)] for kind in kinds}
    enough = {kind: answers for kind, answers in found.items() if len(answers) >= LEAST_PICTURES}
    if not enough:
        raise _too_few("these are " + " and ".join(f"{len(answers)} {kind}" for kind, answers in found.items()))
    manifest = _with_one_peak(Manifest.read(folder), one_peak)
    for kind, answers in enough.items():
        named = name.replace("{count}", f"{len(answers):,}")
        manifest = replace(manifest, **_compared(manifest, kind, named, answers, heads))
    manifest = manifest.renewed()
    manifest.write(folder)
    return manifest


def composites(name: str, means: NDArray[np.float64], aesthetic_stds: NDArray[np.float64]) -> Composites:
    """How composites are spread.

    Args:
        name: What the pictures are.
        means: ``[n, 2]``, of the heads in the order of ``HEADS``.
        aesthetic_stds: ``[n]``, of their aesthetic distributions.
    """
    centre, covariance = means.mean(axis=0), np.cov(means.T, bias=True)
    weights = np.stack([_SHARES, 1 - _SHARES], axis=1)
    deviations = np.sqrt(np.einsum("wi,ij,wj->w", weights, covariance, weights)).clip(_LEAST_DEVIATION)
    quantiles = np.percentile(((means - centre) @ weights.T) / deviations, _PERCENTS, axis=0).mean(axis=1)
    spread = np.sqrt(covariance.diagonal())
    return Composites(
        name=name,
        means=_rounded(centre),
        deviations=_rounded(spread),
        correlation=_rounded([covariance[0, 1] / max(spread.prod(), _LEAST_DEVIATION)])[0],
        quantiles=_rounded(quantiles),
        divisive_from=_rounded([np.percentile(aesthetic_stds, 100 - DIVISIVE_SHARE)])[0],
    )


def _compared(
    manifest: Manifest, kind: str, name: str, distributions: NDArray[np.float64], heads: Sequence[str]
) -> dict[str, Any]:
    """The manifest's populations with those of one kind replaced."""
    scores = np.arange(1, SCORES + 1)
    answers = {head: distributions[:, place] for place, head in enumerate(HEADS)}
    for head, votes in manifest.votes.items():
        answers[head] = np.array([votes.like(p) for p in answers[head].tolist()])
    means = {head: answer @ scores for head, answer in answers.items()}
    group = "products" if kind == PRODUCTS else "population"
    found: dict[str, Any] = {
        group: {**getattr(manifest, group), **{head: Population.of(name, means[head].tolist()) for head in heads}}
    }
    if set(heads) == set(HEADS):
        stds = np.sqrt(answers["aesthetic"] @ scores**2 - means["aesthetic"] ** 2)
        both = np.stack([means[head] for head in HEADS], axis=1)
        found["composites"] = {**manifest.composites, kind: composites(name, both, stds)}
    return found


def _with_one_peak(manifest: Manifest, heads: Sequence[str]) -> Manifest:
    manifest = replace(manifest, votes={**manifest.votes, **dict.fromkeys(heads, AVA)})

    def voted(answer: Mapping[str, tuple[float, ...]]) -> dict[str, tuple[float, ...]]:
        return {head: tuple(AVA.like(p)) if head in heads else p for head, p in answer.items()}

    golden = manifest.golden and replace(
        manifest.golden,
        distributions=voted(manifest.golden.distributions),
        pictures={name: voted(answer) for name, answer in manifest.golden.pictures.items()},
        network=seal.network_of(manifest.to_json()),
    )
    return replace(manifest, golden=golden)


def _rounded(values: Any) -> Any:
    return tuple(round(float(value), _DIGITS) for value in values)


def _too_few(these: str) -> InvalidRequest:
    return InvalidRequest(f"A population needs at least {LEAST_PICTURES} photographs, or as many products; {these}.")
