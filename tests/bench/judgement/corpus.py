"""The pictures that judgement is measured on, and that it can be trained on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nima.training.defects.looks import LOOKS, ON_WHITE
from tests.bench.judgement import sources
from tests.bench.judgement.darkroom import AS_IT_IS, CLEAN, SAVED, SEED, Recipe, made
from tests.bench.judgement.defects import DEFECTS
from tests.bench.judgement.sources import PACKSHOTS, Source


@dataclass(frozen=True)
class Example:
    """A picture and what is known of it.

    Attributes:
        content: The file.
        kind, severity: The defect and how strong, by its own name; ``CLEAN`` and a disguise.
        split: ``TRAIN`` or ``HELD_OUT`` of ``nima.training.distill.data_list``.
        group: Of the picture or product it was made from; wholly on one side of the split.
        collection: Where that comes from.
    """

    content: bytes
    kind: str
    severity: str
    split: str
    group: str
    collection: str


def recipes(chosen: Sequence[Source], behind: Sequence[Source], *, looks: bool, seed: int = SEED) -> Iterator[Recipe]:
    """Every picture that can be made of some sources.

    Args:
        chosen: Of what.
        behind: Photographs, one at least, of which one is drawn to lie behind each of the goods on white.
        looks: Whether clean disguises are made as well.
        seed: Of all chance.
    """
    for source in chosen:
        scene, disguises = None, tuple(LOOKS)
        if source.collection in PACKSHOTS:
            disguises = ON_WHITE
            scene = behind[int(Recipe(source, CLEAN, SAVED, seed=seed).rng("behind").integers(len(behind)))]
        for level in (AS_IT_IS, SAVED, *(disguises if looks else ())):
            yield Recipe(source, CLEAN, level, None, seed)
        for defect in DEFECTS:
            for strength in defect.levels:
                yield Recipe(source, defect.kind, strength.name, scene, seed)


def examples(
    photos: Path, split: str, cached: Path, *, products: int | None, photographs: int | None, seed: int = SEED
) -> Iterator[Example]:
    """Pictures to train or to measure with, one at a time.

    Args:
        photos: The folder ``photos`` of the shared data.
        split: ``TRAIN`` or ``HELD_OUT``.
        cached: Where made pictures are kept.
        products: Of how many goods on white; None for all.
        photographs: Of how many photographs, those of goods among them; None for all.
        seed: Of all chance.
    """
    scenes = sources.of(sources.photographs(photos), split)
    chosen = sources.drawn([*scenes, *sources.of(sources.goods(photos), split)], photographs, seed)
    packshots = sources.drawn(sources.of(sources.packshots(photos), split), products, seed)
    for recipe in recipes([*packshots, *chosen], scenes, looks=True, seed=seed):
        content = made(recipe, cached)
        if content is not None:
            source = recipe.source
            yield Example(content, recipe.kind, recipe.level, source.split, source.group, source.collection)
