"""Writes the page of a shoot."""

from __future__ import annotations

import json
from base64 import b64encode
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from nima import __version__
from nima.csp import allowed
from nima.desk.picking import Picked
from nima.desk.scan import Row
from nima.document.assessment import Assessment, Deduction
from nima.document.composite import WEIGHED
from nima.errors import InvalidRequest
from nima.packages import plotly_js
from nima.report.table import printable
from nima.shoot import WORDS as SHOOT
from nima.shoot.picks import ALTERNATE, PICK, REJECT, VERDICTS, Choice
from nima.shoot.ratings import percentiles
from nima.words import ENGLISH, LANGUAGES, say, words

WORDS = Path(__file__).with_name("words")
"""What the page says, as in ``nima.words``."""

_SIDE, _QUALITY = 256, 62
_DIGITS = 4


def render(title: str, picked: Picked, style: str, made: datetime, language: str = ENGLISH) -> str:
    """The page.

    Args:
        title: What the shoot is called.
        picked: Its pictures, judged with thumbnails.
        style: The style that they were judged in.
        made: When.
        language: One of ``nima.words.LANGUAGES``, which it begins with; it speaks both.

    Raises:
        InvalidRequest: Plotly is not installed.
    """
    data = json.dumps(_data(title, picked, style, made, language), ensure_ascii=False, separators=(",", ":"))
    dom, script, plotly, look = _read("dom.js"), _read("page.js"), _plotly(), _read("page.css")
    policy = (
        f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src {allowed(dom)} {allowed(script)}"
        f" {allowed(plotly)}; base-uri 'none'; form-action 'none'"
    )
    empty = say("texts", "noScript", language=language, folder=WORDS)
    return "\n".join(
        (
            "<!doctype html>",
            f'<html lang="{language}">',
            '<head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(printable(title))} | NIMA</title>",
            f"<style>{look}</style></head>",
            f"<body><noscript>{escape(empty)}</noscript><div id=app></div>",
            # Neither ends the element, nor begins a comment in it.
            f'<script type="application/json" id="data">{data.replace("<", chr(92) + "u003c")}</script>',
            # The pictures are there before what draws their distributions, which takes a moment to read.
            f"<script>{dom}</script>",
            f"<script>{script}</script>",
            f"<script>{plotly}</script></body></html>\n",
        )
    )


def _data(title: str, picked: Picked, style: str, made: datetime, language: str) -> dict[str, Any]:
    scored = [(row, choice, choice.frame.assessment) for row, choice in picked.choices]
    shares = percentiles([found.composite.score for _, _, found in scored])
    counts = Counter(choice.verdict for _, choice, _ in scored)
    model = next((f"{found.model.id} {found.model.version}" for _, _, found in scored), "")
    return {
        "language": language,
        "title": printable(title),
        "counts": {
            "count": len(scored),
            "picked": counts[PICK],
            "alternate": counts[ALTERNATE],
            "rejected": counts[REJECT],
            "refused": len(picked.unjudged),
        },
        "model": model,
        "style": style,
        "date": f"{made:%Y-%m-%d %H:%M}",
        "version": __version__,
        "verdicts": list(VERDICTS),
        "words": {tag: _words(tag) for tag in LANGUAGES},
        "pictures": [
            _picture(row, choice, found, share) for (row, choice, found), share in zip(scored, shares, strict=True)
        ],
        "refused": [_refused(row) for row in picked.unjudged],
    }


def _words(language: str) -> Mapping[str, Any]:
    known = words(language)
    defects = {code: entry["name"] for code, entry in known["deductions"].items()}
    of_shoots = {family: words(language, SHOOT)[family] for family in ("verdicts", "groups")}
    of_all = {family: known[family] for family in ("heads", "styles")}
    own = words(language, WORDS)
    between = {name: known["texts"][name] for name in ("separator", "sentenceSeparator")}
    return {**of_all, "defects": defects, **between, **of_shoots, **own}


def _picture(row: Row, choice: Choice, found: Assessment, share: float) -> dict[str, Any]:
    return {
        "name": printable(row.name),
        "stars": found.composite.stars,
        "composite": round(found.composite.score, _DIGITS),
        "percentile": round(share, 1),
        "verdict": choice.verdict,
        "group": choice.group,
        "kind": choice.kind,
        "rank": choice.rank,
        "why": {tag: [printable(one.say(tag)) for one in choice.reasons] for tag in LANGUAGES},
        "defects": [one.code for one in found.deductions],
        "said": {tag: [_said(one, tag) for one in found.deductions] for tag in LANGUAGES},
        "taken": row.capture.taken.isoformat(" ", "seconds") if row.capture.taken else "",
        "size": [found.image.width, found.image.height],
        "heads": {
            head: {
                "mean": round(found.scores[head].mean, _DIGITS),
                "std": round(found.scores[head].std, _DIGITS),
                "distribution": [round(one, _DIGITS) for one in found.scores[head].distribution.probabilities],
            }
            for head in WEIGHED
        },
        "image": _thumbnail(found.thumbnail),
    }


def _refused(row: Row) -> dict[str, Any]:
    error = row.result.error
    code, message = (error.code, error.message) if error else ("", "")
    said = {tag: words(tag)["errors"].get(code, message) for tag in LANGUAGES}
    return {"name": printable(row.name), "code": code, "said": {**said, ENGLISH: message}}


def _said(found: Deduction, language: str) -> str:
    """The sentence on a deduction: the document's own in English, else by its code and unit."""
    if language == ENGLISH:
        return found.message
    unit = next((code for code, text in words()["units"].items() if text == found.unit), "")
    entry = words(language)["deductions"].get(found.code, {})
    if unit in entry:
        return say("deductions", found.code, unit, language=language, measure=found.measure)
    return str(entry.get("name", found.message))


def _thumbnail(data: bytes | None) -> str:
    if not data:
        return ""
    with Image.open(BytesIO(data)) as image:
        image.draft(None, (_SIDE, _SIDE))
        small = image.convert("RGB")
    small.thumbnail((_SIDE, _SIDE))
    file = BytesIO()
    small.save(file, "JPEG", quality=_QUALITY, optimize=True)
    return b64encode(file.getvalue()).decode()


@cache
def _read(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


@cache
def _plotly() -> str:
    if file := plotly_js():
        # What could end the element stands in none of its releases; if it ever does, it is said otherwise here.
        return file.read_text(encoding="utf-8").replace("</script", "<\\/script")
    raise InvalidRequest("The distributions are drawn by Plotly: pip install 'nima-serverless[report]'.")
