"""Everything that was judged, by what it is for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from nima.document.assessment import Assessment
from nima.training.distill.data_list import HELD_OUT
from tests.bench.judgement import sources
from tests.bench.judgement.answers import Judged, Jury
from tests.bench.judgement.corpus import recipes
from tests.bench.judgement.darkroom import AS_IT_IS, CLEAN, Recipe
from tests.bench.judgement.sources import Source

EVERYDAY = 500


@dataclass(frozen=True)
class Verdicts:
    """What is said of which pictures.

    Attributes:
        scenes: Photographs: each as it is, in clean disguises, and with each defect.
        goods: The same of goods photographed where they are.
        packshots: The same of goods on white.
        photographs: Every photograph of the split as it is.
        everyday: Photographs as they are, those of goods among them; ``EVERYDAY`` at most.
        catalogue: A real catalogue as it is; held out, so that it is empty for the training side.
        taught: The teacher's own answers for the everyday photographs, by ``Judged.key``; empty without a teacher.
    """

    scenes: Sequence[Judged]
    goods: Sequence[Judged]
    packshots: Sequence[Judged]
    photographs: Sequence[Judged]
    everyday: Sequence[Judged]
    catalogue: Sequence[Judged]
    taught: dict[str, Assessment]


def clean(judged: Sequence[Judged], *levels: str) -> list[Judged]:
    """The clean pictures at some levels."""
    return [one for one in judged if one.kind == CLEAN and one.level in levels]


def collect(
    photos: Path,
    jury: Jury,
    teacher: Jury | None,
    *,
    split: str,
    products: int,
    photographs: int,
    ticks: Callable[[str], Callable[[int, int], None]],
) -> Verdicts:
    """Asks for all of it.

    Args:
        photos: The folder ``photos`` of the shared data.
        jury: The product.
        teacher: The model that it was taught by, where it is there.
        split: The side of the split.
        products: How many goods on white are spoilt; half as many photographs of goods.
        photographs: How many other photographs are.
        ticks: Makes, from a title, what is told how many of how many pictures are done.
    """
    scenes, goods = (sources.of(all_of(photos), split) for all_of in (sources.photographs, sources.goods))
    packshots = sources.of(sources.packshots(photos), split)

    def judged(title: str, chosen: Sequence[Source]) -> list[Judged]:
        return jury.judge([*recipes(chosen, scenes, looks=True)], ticks(title))

    def unchanged(title: str, chosen: Sequence[Source], by: Jury = jury) -> list[Judged]:
        return by.judge([Recipe(source, CLEAN, AS_IT_IS) for source in chosen], ticks(title))

    everyday = sources.drawn([*scenes, *goods], EVERYDAY)
    return Verdicts(
        photographs=unchanged("photographs as they are", scenes),
        everyday=unchanged("everyday photographs", everyday),
        catalogue=unchanged("the catalogue", sources.catalogue(photos) if split == HELD_OUT else []),
        packshots=judged("goods on white", sources.drawn(packshots, products)),
        goods=judged("goods", sources.drawn(goods, products // 2)),
        scenes=judged("photographs", sources.drawn(scenes, photographs)),
        taught={one.key: one.said for one in unchanged("the teacher", everyday, teacher)} if teacher else {},
    )
