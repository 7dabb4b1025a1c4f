"""The tables in Markdown and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from tests.bench.judgement import order, reasons
from tests.bench.judgement.answers import Judged
from tests.bench.judgement.darkroom import AS_IT_IS, CLEAN, SAVED
from tests.bench.judgement.lines import Line, lines
from tests.bench.judgement.reasons import Found
from tests.bench.judgement.verdicts import Verdicts, clean


def document(found: Verdicts) -> dict[str, Any]:
    """Every figure as JSON."""
    return {
        "lines": [asdict(line) for line in lines(found)],
        "photographs": [asdict(row) for row in _found_in_scenes(found)],
        "on_white": [asdict(row) for row in _found_on_white(found)],
        "disguises": [{"disguise": level, **reasons.false_codes(of)} for level, of in _disguises(found).items()],
    }


def markdown(found: Verdicts) -> str:
    """Three tables: what should be reached, each defect at each level, and the clean disguises."""
    return "\n\n".join((_goals(lines(found)), _defects(found), _clean(found)))


def _goals(rows: Sequence[Line]) -> str:
    head = ["| what | goal | measured |", "|---|---|---|"]
    return "\n".join([*head, *(f"| {row.what} | {row.goal} | {row.measured} |" for row in rows)])


def _defects(found: Verdicts) -> str:
    scenes = {(row.kind, row.level): row for row in _found_in_scenes(found)}
    on_white = {(row.kind, row.level): row for row in _found_on_white(found)}
    lines = [
        "| defect | level | photographs: recall | named | first | false | precision "
        "| on white: recall | named | first | false | precision | good shot before it |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for kind, level in dict.fromkeys([*scenes, *on_white]):
        before = order.good_before(found.packshots, kind, level)
        cells = [kind, level, *_cells(scenes.get((kind, level))), *_cells(on_white.get((kind, level)))]
        lines.append(f"| {' | '.join(cells)} | {_percent(before.value)} |")
    return "\n".join(lines)


def _clean(found: Verdicts) -> str:
    rows = ["| clean disguise | any reason | which | n |", "|---|---|---|---|"]
    for level, pictures in _disguises(found).items():
        codes = ", ".join(f"{code} {_percent(share)}" for code, share in reasons.false_codes(pictures).items())
        named = reasons.falsely_named(pictures).value
        rows.append(f"| {level} | {_percent(named)} | {codes} | {len(pictures)} |")
    return "\n".join(rows)


def _found_in_scenes(found: Verdicts) -> list[Found]:
    return reasons.found([*found.scenes, *found.goods], found.photographs)


def _found_on_white(found: Verdicts) -> list[Found]:
    return reasons.found(found.packshots, [*clean(found.packshots, AS_IT_IS, SAVED), *found.catalogue])


def _disguises(found: Verdicts) -> dict[str, list[Judged]]:
    """The clean pictures by their disguise: photographs, and goods on white."""
    by_level: dict[str, list[Judged]] = {}
    for where, pictures in (("", [*found.scenes, *found.goods]), (", on white", found.packshots)):
        for one in pictures:
            if one.kind == CLEAN:
                by_level.setdefault(f"{one.level}{where}", []).append(one)
    return by_level


def _cells(row: Found | None) -> list[str]:
    if row is None:
        return [""] * 5
    precision = "-" if row.precision is None else _percent(row.precision)
    return [*(_percent(e.value) for e in (row.recall, row.named, row.first, row.false_alarms)), precision]


def _percent(value: float) -> str:
    return "-" if value != value else f"{value:.0%}"
