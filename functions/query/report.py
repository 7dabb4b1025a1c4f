"""A report of one picture: one HTML file that needs no other, to read on a screen or on paper.

It is drawn by the page's own modules, which it has within itself beside the result and the words.
"""

from __future__ import annotations

import base64
import json
import re
from functools import cache
from pathlib import Path

from nima.csp import allowed
from nima.document.result import Result
from nima.web.accept import qualities
from nima.words import ENGLISH, say, words
from nima.words import LANGUAGES as TAGS

LANGUAGES = {name: tag for tag in TAGS for name in (tag, tag.partition("-")[0])}
"""Each language that reports are written in, by its tag, as the command line has it, or without a country."""

_PAGE = Path(__file__).with_name("page")
_MODULES = ("numbers", "words", "dom", "charts", "parts", "advice", "maps", "sheet", "embedded", "print")
"""Each after those that it imports."""


def choose_language(accept: str) -> str:
    """The language that an ``Accept-Language`` header prefers; English where it names none of ``LANGUAGES``."""
    wanted = {tag: quality for tag, quality in qualities(accept).items() if tag.partition("-")[0] in LANGUAGES}
    best = max(wanted, key=wanted.__getitem__, default=ENGLISH)
    return best.partition("-")[0] if wanted.get(best) else ENGLISH


def render(result: Result, thumbnail: bytes | None, language: str = ENGLISH) -> str:
    """The report of a scored or rejected picture.

    Args:
        result: With its percentiles filled in, as far as there are any.
        thumbnail: A JPEG of the picture; None leaves it out.
        language: One of ``LANGUAGES``.
    """
    from html import escape

    tag = LANGUAGES[language]
    data = {
        "words": words(tag),
        "english": None if tag == ENGLISH else words(),
        "result": result.to_json(),
        "thumbnail": thumbnail and f"data:image/jpeg;base64,{base64.b64encode(thumbnail).decode()}",
    }
    # Within a script nothing is markup but what could end it.
    embedded = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
    title = escape(f"{say('texts', 'reportTitle', language=tag)}: {result.image.key}")
    return (
        f'<!doctype html>\n<html lang="{tag}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_policy()}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<title>{title}</title>\n<style>{_style()}</style>\n</head>\n<body class="report wrap">\n'
        f"<noscript><h1>{title}</h1><p>{say('texts', 'reportScript', language=tag)}</p></noscript>\n"
        f'<script type="application/json" id="embedded">{embedded}</script>\n'
        f'<script type="module">{_script()}</script>\n</body>\n</html>\n'
    )


def security_policy() -> str:
    """The report's Content-Security-Policy: nothing is loaded or framed, and only its script runs."""
    return f"{_policy()}; frame-ancestors 'none'"


@cache
def _policy() -> str:
    return (
        f"default-src 'none'; img-src data:; style-src {allowed(_style())}; script-src {allowed(_script())}; "
        "base-uri 'none'; form-action 'none'"
    )


@cache
def _style() -> str:
    return (_PAGE / "style.css").read_text(encoding="utf-8")


@cache
def _script() -> str:
    """The modules in one, which needs no imports and has no exports."""
    text = "".join((_PAGE / f"{name}.js").read_text(encoding="utf-8") for name in _MODULES)
    return re.sub(r"^import .+?;\n|^export ", "", text, flags=re.MULTILINE | re.DOTALL)
