"""What the product says of each picture: asked in processes, kept by the picture's content and the code's version."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from nima.assess.assessor import Assessor
from nima.document.assessment import Assessment
from nima.document.composite import DEFAULT_STYLE
from nima.document.policy import Policy
from nima.document.read import read
from nima.document.upgrade import COMPLETIONS
from nima.model.litert import LazyModel
from nima.native import without_info
from tests.bench.judgement.darkroom import Recipe, made
from tests.bench.judgement.kept import kept
from tests.bench.judgement.sources import PACKSHOTS, ROOT, Source

SHOP = "ecommerce"
"""The style that goods on white are judged in."""

_CALM = 10
# What of the package has no say in what a picture is said to be.
_ELSEWHERE = {"training", "local", "cli", "aws", "web", "report", "catalogue"}


@dataclass(frozen=True)
class Judged:
    """A picture and what the product says of it."""

    source: Source
    kind: str
    level: str
    said: Assessment

    @property
    def key(self) -> str:
        return f"{self.source.collection}/{self.source.picture} {self.kind} {self.level}"


class Jury:
    """Asks the product with one model about pictures, in processes of its own, which end with the ``with`` block.

    Args:
        model: The model's folder.
        cached: Where pictures and answers are kept.
        workers: Processes.
    """

    def __init__(self, model: Path, cached: Path, workers: int) -> None:
        # Processes start with their first task.
        self._pool = ProcessPoolExecutor(workers, get_context("spawn"), _start, (model, cached, version(model)))

    def __enter__(self) -> Jury:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def judge(self, recipes: Sequence[Recipe], tick: Callable[[int, int], None]) -> list[Judged]:
        """What is said of each picture that can be made, in the order of the recipes."""
        judged = []
        answers = self._pool.map(_answer, recipes, chunksize=8)
        for done, (recipe, document) in enumerate(zip(recipes, answers, strict=True), 1):
            if document is not None:
                said = read(Assessment, document, COMPLETIONS).judged(Policy())
                judged.append(Judged(recipe.source, recipe.kind, recipe.level, said))
            tick(done, len(recipes))
        return judged


class _Worker:
    assessor: Assessor
    pictures: Path
    answers: Path


@cache
def version(model: Path) -> str:
    """Changes with the code that judges and with the model."""
    package = ROOT / "layers/nima/nima"
    digest = hashlib.sha256((model / "manifest.json").read_bytes())
    for path in sorted(package.rglob("*.py")):
        if path.relative_to(package).parts[0] not in _ELSEWHERE:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _start(model: Path, cached: Path, code: str) -> None:
    os.nice(max(0, _CALM - os.nice(0)))
    _Worker.assessor = Assessor(LazyModel(model, threads=1))
    with without_info():
        _Worker.assessor.model.get()
    _Worker.pictures = cached / "pictures"
    _Worker.answers = cached / "answers" / code


def _answer(recipe: Recipe) -> dict[str, Any] | None:
    content = made(recipe, _Worker.pictures)
    if content is None:
        return None
    # A shop has its goods judged in its style.
    style = SHOP if recipe.source.collection in PACKSHOTS else DEFAULT_STYLE
    path = _Worker.answers / style / f"{hashlib.sha256(content).hexdigest()[:32]}.json"
    document: dict[str, Any] = json.loads(kept(path, lambda: json.dumps(_assess(content, style)).encode()))
    return document


def _assess(content: bytes, style: str) -> dict[str, Any]:
    return _Worker.assessor.assess(content, style).to_json()
