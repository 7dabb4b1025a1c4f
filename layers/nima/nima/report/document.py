"""A report of one picture: one HTML file that needs no other, to read on a screen or on paper."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from nima.assess.assessment import Assessment, Result, Score
from nima.assess.distribution import SCORES
from nima.assess.policy import REQUIRED
from nima.heads import HEADS
from nima.report.words import CHINESE, ENGLISH, LANGUAGES, NAMES, SENTENCES, WORDS, choose_language

__all__ = ["LANGUAGES", "SECURITY_POLICY", "choose_language", "render"]

SECURITY_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""The report's Content-Security-Policy: nothing is loaded and nothing runs."""

_STYLE = """
:root { color-scheme: light dark; --ink: #1d2329; --dim: #5b6670; --line: #d9dee3; --paper: #fff; --soft: #f4f6f8;
  --technical: #2f6f9f; --aesthetic: #b8562f; --good: #1a7f4b; --warn: #855700; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ecef; --dim: #9aa7b2; --line: #38424b; --paper: #14191d;
  --soft: #1d242a; --technical: #6db0e0; --aesthetic: #ec9468; --good: #5ccb92; --warn: #f0b73f; --bad: #ff8a80; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 2rem 1.25rem; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, "Segoe UI", "PingFang SC", "Microsoft YaHei", sans-serif; }
header { display: flex; flex-wrap: wrap; gap: 1.5rem; align-items: flex-start; }
header figure { margin: 0; flex: 0 1 20rem; }
header img { display: block; max-width: 100%; height: auto; border: 1px solid var(--line); border-radius: .5rem; }
header div { flex: 1 1 18rem; min-width: 0; }
h1 { margin: 0 0 .5rem; font-size: 1.4rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin: 2rem 0 .5rem; font-size: 1.1rem; }
p { margin: .25rem 0; }
.eyebrow, .dim { color: var(--dim); }
.eyebrow { font-size: .85rem; }
.stars { font-size: 1.6rem; letter-spacing: .1em; color: #b7791f; }
.score { font-size: 1.6rem; font-weight: 650; }
.good { color: var(--good); } .warn { color: var(--warn); } .bad { color: var(--bad); }
.charts { margin-top: 1.5rem; display: grid;
  grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); gap: 1.25rem; }
.charts figure { margin: 0; padding: 1rem; background: var(--soft); border-radius: .5rem; }
.charts figcaption { font-weight: 600; }
svg { display: block; width: 100%; height: auto; margin-top: .5rem; }
svg text { fill: var(--ink); font-size: 11px; text-anchor: middle; paint-order: stroke; stroke: var(--soft);
  stroke-width: 3px; }
.technical { fill: var(--technical); } .aesthetic { fill: var(--aesthetic); }
.band { opacity: .14; } .mean { stroke: var(--ink); stroke-dasharray: 4 3; } .axis { stroke: var(--line); }
table { width: 100%; border-collapse: collapse; font-size: .95rem; }
th, td { padding: .4rem .6rem .4rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th { color: var(--dim); font-weight: 600; }
td { overflow-wrap: anywhere; }
meter { width: 5rem; height: .8rem; }
.severity { white-space: nowrap; }
footer { margin-top: 2rem; color: var(--dim); font-size: .85rem; overflow-wrap: anywhere; }
@media print { body { max-width: none; padding: 0; font-size: 11pt; } h2, figure, tr { break-inside: avoid; }
  h2 { break-after: avoid; } .charts { grid-template-columns: 1fr 1fr; }
  .technical, .aesthetic, meter { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
"""

# The chart's own units.
_WIDTH, _HEIGHT, _BASE, _TOP, _STEP, _BAR = 340, 190, 165, 22, 32, 24


def render(result: Result, thumbnail: bytes | None, language: str = ENGLISH) -> str:
    """The report of a scored or rejected picture.

    Args:
        result: With its percentiles filled in, as far as there are any.
        thumbnail: A JPEG of the picture; None leaves it out.
        language: One of ``LANGUAGES``.
    """
    return _Report(language).page(result, thumbnail)


class _Report:
    """Writes in one language. Whatever comes from a picture is escaped where it is put in."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._words = WORDS[language]

    def page(self, result: Result, thumbnail: bytes | None) -> str:
        words, key = self._words, escape(result.image.key)
        body = self._scored(result.assessment) if result.assessment else self._rejected(result)
        return (
            f'<!doctype html>\n<html lang="{LANGUAGES[self._language]}">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{words['report']}: {key}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
            f"<header>{self._picture(result, thumbnail)}<div>"
            f'<p class="eyebrow">{words["report"]}</p><h1>{key}</h1>{self._verdict(result)}</div></header>\n'
            f"<main>\n{body}</main>\n{self._footer(result)}</body>\n</html>\n"
        )

    def _picture(self, result: Result, thumbnail: bytes | None) -> str:
        if thumbnail is None:
            return ""
        data = base64.b64encode(thumbnail).decode()
        alt = escape(f"{self._words['thumbnail']}: {result.image.key}")
        return f'<figure><img src="data:image/jpeg;base64,{data}" alt="{alt}"></figure>'

    def _verdict(self, result: Result) -> str:
        words = self._words
        if result.assessment is None:
            return f'<p class="score bad">{words["rejected"]}</p>'
        composite = result.assessment.composite
        stars = f"{composite.stars:g} {words['of_five']}"
        shown = "★" * int(composite.stars) + "½" * (composite.stars % 1 >= 0.5)
        weights = f"{composite.weights.technical:g} / {composite.weights.aesthetic:g}"
        note = f"<p>{words[composite.note]}</p>" if composite.note else ""
        return (
            f'<p class="stars" role="img" aria-label="{stars}">{shown}</p>'
            f'<p><span class="score">{composite.score:.2f}</span> {self._name(composite.band)}</p>'
            f'<p class="dim">{words["style"]}: {self._name(composite.style)} ({weights})</p>{note}'
        )

    def _rejected(self, result: Result) -> str:
        error = result.error or {}
        code, message = error.get("code", ""), error.get("message", "")
        return (
            f"<section><h2>{self._words['rejected_because']}</h2>"
            f"<p>{escape(self._sentence(code, message))}</p><p class='dim'>{escape(code)}</p></section>\n"
        )

    def _scored(self, assessed: Assessment) -> str:
        return "".join(
            (
                f'<section class="charts">{self._chart("technical", assessed.technical)}'
                f"{self._chart('aesthetic', assessed.aesthetic)}</section>\n",
                self._standing(assessed),
                self._deductions(assessed),
                self._confidence(assessed),
                self._policy(assessed),
                self._traits(assessed),
            )
        )

    def _chart(self, head: str, score: Score) -> str:
        words, found = self._words, score.distribution
        label = f"{words[head]}: {words['mean']} {found.mean:.2f}, {words['std']} {found.std:.2f}"
        scale = (_BASE - _TOP) / max(found.probabilities)
        bars, labels = [], []
        for value, probability in zip(SCORES, found.probabilities, strict=True):
            x, height = _x(value), probability * scale
            bars.append(
                f'<rect class="{head}" x="{x - _BAR / 2:.1f}" y="{_BASE - height:.1f}" width="{_BAR}" '
                f'height="{height:.1f}"/>'
            )
            labels.append(
                f'<text x="{x:.1f}" y="{_BASE - height - 5:.1f}">{probability:.0%}</text>'
                f'<text x="{x:.1f}" y="{_BASE + 16}">{value}</text>'
            )
        low, high = _x(max(0.5, found.mean - found.std)), _x(min(10.5, found.mean + found.std))
        mean = _x(found.mean)
        shares = ", ".join(f"{v}: {p:.1%}" for v, p in zip(SCORES, found.probabilities, strict=True))
        return (
            f"<figure><figcaption>{label}</figcaption>"
            f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{words["distribution"]}: {shares}">'
            f'<rect class="{head} band" x="{low:.1f}" y="{_TOP - 14}" width="{high - low:.1f}" '
            f'height="{_BASE - _TOP + 14}"/>'
            f'<line class="axis" x1="0" x2="{_WIDTH}" y1="{_BASE}" y2="{_BASE}"/>{"".join(bars)}'
            f'<line class="mean" x1="{mean:.1f}" x2="{mean:.1f}" y1="{_TOP - 14}" y2="{_BASE}"/>'
            f"{''.join(labels)}</svg></figure>"
        )

    def _standing(self, assessed: Assessment) -> str:
        words = self._words
        rows = [
            (words[head], escape(found.population), f"{found.value:g} %")
            for head in HEADS
            for found in (getattr(assessed, head).reference, getattr(assessed, head).catalogue)
            if found
        ]
        if not rows:
            return self._section("standing", f"<p>{words['no_population']}</p>")
        return self._section("standing", _table(("", words["population"], words["better_than"]), rows))

    def _deductions(self, assessed: Assessment) -> str:
        words = self._words
        if not assessed.deductions:
            return self._section("deductions", f"<p>{words['no_deductions']}</p>")
        rows = [
            (
                f"<strong>{self._name(found.code)}</strong><br>{escape(self._sentence(found.code, found.message))}",
                f'<span class="severity"><meter min="0" max="1" low="0.34" high="0.67" optimum="0" '
                f'value="{found.severity}"></meter> {found.severity:.0%}</span>',
                f"{found.measure:g} <span class='dim'>{escape(found.unit)}</span>",
            )
            for found in assessed.deductions
        ]
        return self._section("deductions", _table((words["defect"], words["severity"], words["measure"]), rows))

    def _confidence(self, assessed: Assessment) -> str:
        found = assessed.confidence
        reasons = "".join(f"<li>{escape(self._sentence(r.code, r.message))}</li>" for r in found.reasons)
        listed = f"<ul>{reasons}</ul>" if reasons else ""
        return self._section("confidence", f"<p>{self._name(found.level)}</p>{listed}")

    def _policy(self, assessed: Assessment) -> str:
        words, verdict = self._words, assessed.verdict
        rows = []
        for check in verdict.checks:
            said = escape(check.message) if self._language == ENGLISH else ""
            measure = "–" if check.measure is None else f"{check.measure:g}"
            only = f"<br><span class='dim'>{words['recommended_only']}</span>" if check.level != REQUIRED else ""
            rows.append(
                (
                    f"<strong>{self._name(check.code)}</strong><br>{said}{only}",
                    measure,
                    f"{check.threshold:g} <span class='dim'>{escape(check.unit)}</span>",
                    self._passed(check.passed, check.level),
                )
            )
        headings = (words["check"], words["measure"], words["threshold"], words["result"])
        return self._section("policy", f"<p>{self._passed(verdict.passed)}</p>{_table(headings, rows)}")

    def _traits(self, assessed: Assessment) -> str:
        words, traits = self._words, assessed.traits
        rows = [
            (self._name(name), words["present" if kind.present else "absent"], f"{kind.measure:g} {escape(kind.unit)}")
            for name, kind in traits.kinds.items()
        ]
        rows.append((words["aspect"], f"{traits.aspect:g}", ""))
        rows.append((words["color_space"], escape(traits.color_space), ""))
        rows.append((words["cropped"], words["present" if traits.cropped else "absent"], ""))
        if traits.reframed:
            rows.append((words["reframed"], f"{traits.reframed.fill:.0%}", ""))
        return self._section("traits", _table((words["trait"], "", words["measure"]), rows))

    def _footer(self, result: Result) -> str:
        words, assessed = self._words, result.assessment
        facts = [f"{words['scored_at']}: {escape(result.scored_at or '–')}"]
        if assessed:
            name = assessed.model
            facts.append(
                f"{words['model']}: {escape(name.id)} {escape(name.version)}, "
                f"{words['preprocessing']} {escape(name.preprocessing)}"
            )
            facts.append(
                f"{words['file']}: {escape(assessed.format)}, {assessed.width} × {assessed.height} px, "
                f"{assessed.bytes} {words['bytes']}"
            )
        return f"<footer>{'<br>'.join(facts)}</footer>\n"

    def _section(self, title: str, content: str) -> str:
        return f"<section><h2>{self._words[title]}</h2>{content}</section>\n"

    def _passed(self, passed: bool, level: str = REQUIRED) -> str:
        missed = ("bad", "failed") if level == REQUIRED else ("warn", "advised")
        kind, word = ("good", "passed") if passed else missed
        return f'<span class="{kind}">{self._words[word]}</span>'

    def _name(self, code: str) -> str:
        return escape(NAMES[self._language].get(code, code.replace("_", " ")))

    def _sentence(self, code: str, english: str) -> str:
        return english if self._language != CHINESE else SENTENCES[CHINESE].get(code, english)


def _x(value: float) -> float:
    """Where a score lies on the chart's horizontal axis."""
    return (value - 0.5) * _STEP + (_WIDTH - 10 * _STEP) / 2


def _table(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    head = "".join(f'<th scope="col">{heading}</th>' if heading else "<td></td>" for heading in headings)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
