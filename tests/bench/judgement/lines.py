"""The lines of the table: what judgement should reach, and what it does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from nima.document.vocabulary import HIGH, LOW
from tests.bench.judgement import grounds, measures, order, reasons
from tests.bench.judgement.answers import Judged
from tests.bench.judgement.darkroom import AS_IT_IS, SAVED
from tests.bench.judgement.measures import Estimate, share
from tests.bench.judgement.sources import MAIN_VIEWS
from tests.bench.judgement.verdicts import Verdicts, clean

WHITE_CHECK = "white_background"

# What is compared at the same rate of false alarms: title, goal, and the defects with their levels (None: every one).
RECALLS: tuple[tuple[str, str, tuple[tuple[str, str | None], ...]], ...] = (
    ("JPEG q25 and q8", ".95", (("JPEG", None),)),
    ("JPEG q8 saved again, JPEG 2000", "", (("re-saved", None),)),
    ("under-exposure", ".95", (("under-exposure", None),)),
    ("low contrast", ".95", (("low contrast", None),)),
    ("blur", ".9", (("blur", None), ("lens", None))),
    ("noise", ".9", (("noise", None), ("noise, then JPEG", None))),
    ("motion", ".8", (("motion", None),)),
    ("over-exposure", ".7", (("over-exposure", None),)),
    ("cast", ".65", (("cast", None),)),
    ("upsampled", "", (("upsampled", None),)),
    ("text", "", (("text", None),)),
)


@dataclass(frozen=True)
class Line:
    """One line: what, the goal, what was measured, and the estimate where it is one number."""

    what: str
    goal: str
    measured: str
    estimate: Estimate | None = None


def lines(found: Verdicts) -> list[Line]:
    return [*_order(found), *_recalls(found), *_false(found), *_catalogue(found), *_scale(found)]


def _line(what: str, goal: str, estimate: Estimate, more: str = "") -> Line:
    return Line(what, goal, f"{measures.text(estimate)}, n {estimate.n}{more}", estimate)


def _order(found: Verdicts) -> Iterator[Line]:
    yield _line("good shot first of its seven spoiled variants", ">= 90 %", order.good_first(found.packshots))
    yield _line("good shot before a variant, all kinds", ">= 95 %", order.good_before(found.packshots))
    yield _line("the same of photographs", "", order.good_before([*found.scenes, *found.goods]))
    yield _line(f"pairs within {order.TIE} of each other (ties)", "", order.ties(found.packshots))
    yield _line("right defect named first, goods on white", ">= 85 %", reasons.right_first_share(found.packshots))
    yield _line("right defect named first, photographs of goods", "", reasons.right_first_share(found.goods))
    yield _line("right defect named first, photographs", "", reasons.right_first_share(found.scenes))


def _recalls(found: Verdicts) -> Iterator[Line]:
    scenes, packshots = [*found.scenes, *found.goods], found.packshots
    for title, goal, kinds in RECALLS:
        in_scenes = reasons.recall(kinds, scenes, found.photographs)
        on_white = reasons.recall(kinds, packshots, _good_shots(found))
        more = f"; on white {measures.text(on_white)}, n {on_white.n}"
        yield _line(f"recall at 1.5 false alarms per 100: {title}", goal, in_scenes, more)
    for kind in ("cut off", "clutter", "ground"):
        on_white = reasons.recall(((kind, None),), packshots, _good_shots(found))
        yield _line(f"recall at 1.5 false alarms per 100: {kind}, on white", "", on_white)


def _false(found: Verdicts) -> Iterator[Line]:
    codes = _codes(found.photographs)
    yield _line(
        "any reason named on clean unseen photographs", "<= 14 %", reasons.falsely_named(found.photographs), codes
    )
    yield _line("any sure one", "<= 5 %", reasons.falsely_sure(found.photographs))
    disguised = [one for one in found.scenes if one.kind == "clean" and one.level not in (AS_IT_IS, SAVED)]
    yield _line("any reason named on clean disguises of them", "", reasons.falsely_named(disguised), _codes(disguised))
    good = clean(found.packshots, AS_IT_IS)
    free = share(sum(not reasons.named(one) for one in good), len(good))
    yield _line("good shots on white free of false reasons", ">= 90 %", free, _codes(good))
    goods = clean(found.goods, AS_IT_IS)
    free = share(sum(not reasons.named(one) for one in goods), len(goods))
    yield _line("photographs of goods free of reasons", "", free, _codes(goods))


def _catalogue(found: Verdicts) -> Iterator[Line]:
    pictures = found.catalogue
    if not pictures:
        return
    yield _line("the real catalogue: with a false reason", "<= 5 %", reasons.falsely_named(pictures), _codes(pictures))
    yield _line("the real catalogue: with a false sure one", "", reasons.falsely_sure(pictures))
    white = [one for one in pictures if grounds.is_white(one.source.path)]
    passed = share(sum(_white_passes(one) for one in white), len(white))
    yield _line("the real catalogue: ground seen as white where it is", ">= 90 %", passed)
    unsure = share(sum(one.said.confidence.level != HIGH for one in pictures), len(pictures))
    yield _line("the real catalogue: warned as unsure", "<= 20 %", unsure)
    shown, chance = order.main_first(pictures)
    yield _line("the real catalogue: the shop's main image first", "60 %", shown, f"; chance {chance:.0%}")
    main = [one for one in white if one.source.view in MAIN_VIEWS]
    failed = sum(not _white_passes(one) for one in main)
    yield Line("white main images that the white-background check fails", "0", f"{failed} of {len(main)}")


def _scale(found: Verdicts) -> Iterator[Line]:
    stars = [one.said.composite.stars for one in found.everyday]
    if stars:
        counts = ", ".join(f"{star:g}: {count / len(stars):.0%}" for star, count in sorted(Counter(stars).items()))
        high = sum(star >= 4 for star in stars) / len(stars)
        text = f"{counts}; median {median(stars):g}, 4 and more {high:.0%}, n {len(stars)}"
        yield Line("stars of everyday photographs", "1 to 5, median 3, >= 4: 15-25 %", text)
    if found.taught:
        yield _confidence(found)


def _confidence(found: Verdicts) -> Line:
    errors: dict[str, list[float]] = {}
    for one in found.everyday:
        error = abs(one.said.composite.score - found.taught[one.key].composite.score)
        errors.setdefault(one.said.confidence.level, []).append(error)
    by_level = {level: measures.mean(of) for level, of in errors.items()}
    text = "; ".join(f"{level} {measures.text(e, '{:.2f}'.format)}, n {e.n}" for level, e in sorted(by_level.items()))
    if HIGH in by_level and LOW in by_level:
        text += f"; high over low {by_level[HIGH].value / by_level[LOW].value:.2f}"
    return Line("composite, mean absolute error to the teacher by confidence", "high <= .8 of low", text)


def _good_shots(found: Verdicts) -> list[Judged]:
    """Clean pictures on white: those that are spoilt, and the whole catalogue."""
    return [*clean(found.packshots, AS_IT_IS, SAVED), *found.catalogue]


def _white_passes(one: Judged) -> bool:
    return next(check.passed for check in one.said.verdict.checks if check.code == WHITE_CHECK)


def _codes(pictures: Sequence[Judged]) -> str:
    found = reasons.false_codes(pictures)
    return "".join(f"; {code} {share:.0%}" for code, share in found.items())
