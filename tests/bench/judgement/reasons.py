"""How right the reasons are: found where a defect is, named first, and not found where there is none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from tests.bench.judgement import measures
from tests.bench.judgement.answers import Judged
from tests.bench.judgement.darkroom import CLEAN
from tests.bench.judgement.defects import BY_KIND, DEFECTS, LARGE, Defect
from tests.bench.judgement.measures import Estimate

FACTS = frozenset({"low_resolution"})
"""Reasons that only state a file's size, which is as it is: many of the photographs were cut to 400 px."""


def named(judged: Judged) -> list[str]:
    """The reasons given, the worst first, without ``FACTS``."""
    return [deduction.code for deduction in judged.said.deductions if deduction.code not in FACTS]


def severity(judged: Judged, codes: Collection[str]) -> float:
    """How severe the worst of some reasons is; 0 where none is given."""
    return max((d.severity for d in judged.said.deductions if d.code in codes), default=0.0)


def right_first(judged: Judged) -> bool:
    """Whether the reason that comes first names the defect."""
    codes = BY_KIND[judged.kind].codes
    given = [d.code for d in judged.said.deductions] if codes & FACTS else named(judged)
    return bool(given) and given[0] in codes


def right_first_share(judged: Iterable[Judged]) -> Estimate:
    hits: dict[str, list[bool]] = {}
    for one in judged:
        if one.kind != CLEAN:
            hits.setdefault(one.source.group, []).append(right_first(one))
    return measures.grouped_share(hits)


def falsely_named(clean: Sequence[Judged]) -> Estimate:
    """The share of clean pictures for which any reason is given."""
    return measures.share(sum(bool(named(one)) for one in clean), len(clean))


def falsely_sure(clean: Sequence[Judged]) -> Estimate:
    """The share of clean pictures for which a reason is given that is said to be sure."""
    hits = sum(any(d.sure and d.code not in FACTS for d in one.said.deductions) for one in clean)
    return measures.share(hits, len(clean))


def false_codes(clean: Sequence[Judged]) -> dict[str, float]:
    """Of each reason, the share of clean pictures that it is given for, the commonest first."""
    counts = Counter(code for one in clean for code in set(named(one)))
    ordered = sorted(counts.items(), key=lambda counted: (-counted[1], counted[0]))
    return {code: count / len(clean) for code, count in ordered}


@dataclass(frozen=True)
class Found:
    """How well one defect at one level is found.

    Attributes:
        kind, level: The defect.
        recall: The share found above the severity that ``measures.FALSE_ALARMS`` of the clean pictures exceed.
        named: The share for which a right reason is given at all.
        first: The share for which it comes first.
        false_alarms: The share of clean pictures for which it is given.
    """

    kind: str
    level: str
    recall: Estimate
    named: Estimate
    first: Estimate
    false_alarms: Estimate

    @property
    def precision(self) -> float | None:
        return measures.precision(self.named.value, self.false_alarms.value)


def found(spoilt: Sequence[Judged], clean: Sequence[Judged]) -> list[Found]:
    """Each defect at each level that there are pictures of, beside clean pictures of the same sort."""
    rows = []
    for defect in DEFECTS:
        for level in (level.name for level in defect.levels):
            chosen = [one for one in spoilt if (one.kind, one.level) == (defect.kind, level)]
            if chosen and clean:
                rows.append(_found(defect, level, chosen, clean))
    return rows


def recall(kinds: Collection[tuple[str, str | None]], spoilt: Sequence[Judged], clean: Sequence[Judged]) -> Estimate:
    """The recall of several defects together, each with its own threshold; a level of None stands for all levels."""
    codes = {kind: BY_KIND[kind].codes for kind, _ in kinds}
    least = {kind: measures.threshold([severity(other, of) for other in clean]) for kind, of in codes.items()}
    hits: dict[str, list[bool]] = {}
    for one in spoilt:
        if (one.kind, None) in kinds or (one.kind, one.level) in kinds:
            hits.setdefault(one.source.group, []).append(severity(one, codes[one.kind]) > least[one.kind])
    return measures.grouped_share(hits)


def _found(defect: Defect, level: str, chosen: Sequence[Judged], clean: Sequence[Judged]) -> Found:
    if defect.codes & FACTS:
        # What is small is rightly called so.
        clean = [one for one in clean if max(one.said.image.width, one.said.image.height) >= LARGE]
    severities = [severity(one, defect.codes) for one in clean]
    least = measures.threshold(severities)
    seen = [severity(one, defect.codes) for one in chosen]
    return Found(
        defect.kind,
        level,
        recall=measures.share(sum(value > least for value in seen), len(seen)),
        named=measures.share(sum(value > 0 for value in seen), len(seen)),
        first=measures.share(sum(map(right_first, chosen)), len(chosen)),
        false_alarms=measures.share(sum(value > 0 for value in severities), len(severities)),
    )
