"""How right the groups and the picks of a shoot are."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations

from tests.bench.pick.units import CLEAN, SETS


@dataclass(frozen=True)
class Truth:
    """What is known of a file: the unit that it is of, what that is, and what the file is in it."""

    unit: int
    kind: str
    what: str
    by: float = 0.0


@dataclass(frozen=True)
class Found:
    """What was said of a file: its group, that group's kind, its verdict, why, how sure it is, and of each code of a
    reason that has one the measure."""

    group: int
    kind: str
    verdict: str
    why: str = ""
    confidence: str | None = None
    measures: Mapping[str, float] = field(default_factory=dict)


def pairs(truths: Mapping[str, Truth], found: Mapping[str, Found]) -> tuple[float, float]:
    """Precision and recall of pairs of files that are said to belong together."""
    right = said = there = 0
    for one, other in combinations(truths, 2):
        together, grouped = truths[one].unit == truths[other].unit, found[one].group == found[other].group
        right += together and grouped
        said += grouped
        there += together
    return right / max(said, 1), right / max(there, 1)


def whole(truths: Mapping[str, Truth], found: Mapping[str, Found]) -> dict[str, Counter[str]]:
    """Of each kind of set how many there were, were recognised with all of their frames, and were broken.

    Broken is one of which some frames are kept and others rejected.
    """
    units: dict[int, list[str]] = defaultdict(list)
    for name, truth in truths.items():
        units[truth.unit].append(name)
    counts: dict[str, Counter[str]] = {kind: Counter() for kind in SETS}
    for names in units.values():
        kind = truths[names[0]].kind
        if kind in SETS:
            members = {name for name, one in found.items() if one.group == found[names[0]].group}
            recognised = members == set(names) and found[names[0]].kind == kind
            verdicts = {found[name].verdict == "reject" for name in names}
            counts[kind] += Counter(there=1, recognised=recognised, broken=len(verdicts) > 1)
    return counts


def mistaken(truths: Mapping[str, Truth], found: Mapping[str, Found]) -> int:
    """How many groups are called sets that hold a frame of none."""
    return len({found[name].group for name, one in truths.items() if one.kind not in SETS and found[name].kind in SETS})


def picks(truths: Mapping[str, Truth], found: Mapping[str, Found], kind: str) -> Counter[str]:
    """What the picks of a kind of bursts are."""
    return Counter(truth.what for name, truth in truths.items() if truth.kind == kind and found[name].verdict == "pick")


def tied(truths: Mapping[str, Truth], found: Mapping[str, Found], kind: str) -> int:
    """In how many bursts of a kind another frame than the clean one is picked, with which the clean one ties."""
    return sum(
        truth.kind == kind and truth.what == CLEAN and found[name].verdict != "pick" and found[name].confidence == "tie"
        for name, truth in truths.items()
    )


def missed_by(truths: Mapping[str, Truth], found: Mapping[str, Found]) -> dict[str, list[float]]:
    """By how much the stops and degrees that were said of frames miss those by which they were spoilt."""
    errors: dict[str, list[float]] = defaultdict(list)
    for name, truth in truths.items():
        for code, sign in (("darker", -1), ("brighter", 1), ("turned", 0)):
            said = found[name].measures.get(code)
            if said is not None and truth.kind not in SETS:
                off_by = abs(truth.by) - said if code == "turned" else truth.by - sign * said
                about = ("tilted",) if code == "turned" else ("exposed wrongly", "light drifted")
                errors[code if truth.what in about else f"{code}, though it is not"].append(abs(off_by))
    return dict(errors)


def verdicts(truths: Mapping[str, Truth], found: Mapping[str, Found], kind: str) -> dict[str, Counter[str]]:
    """What becomes of the frames of a kind of bursts, by what they are."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for name, truth in truths.items():
        if truth.kind == kind:
            counts[truth.what][found[name].verdict] += 1
    return dict(sorted(counts.items(), key=lambda one: one[0] != CLEAN))


def percent(part: float, whole: float) -> str:
    """A share for people."""
    return f"{100 * part / whole:.0f}%" if whole else "-"
