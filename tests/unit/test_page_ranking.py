"""What the page tells of a ranking, in both languages, drawn by its own modules outside a browser."""

from __future__ import annotations

import json
import subprocess
from dataclasses import asdict, replace
from typing import Any

import pytest

from nima.catalogue.order import CLEAR, OUTWEIGHED, TIED
from nima.catalogue.ranking import rank
from nima.document.assessment import Percentile, Percentiles
from nima.document.composite import DIVISIVE_FROM, STEPS, STYLES
from nima.document.policy import MAIN_IMAGE
from nima.document.result import Result
from nima.document.similarity import NEAR_DUPLICATE_BITS
from nima.words import ENGLISH, LANGUAGES, say, words
from tests.unit.test_catalogue import BAD
from tests.unit.test_page_words import PAGE, node
from tests.unit.test_ranking import CLUTTERED, NAMED, SURE, TINTED, shot

DRAW = """
const shown = [];
class Element {
  style = { setProperty() {} };
  dataset = {};
  setAttribute() {}
  append(...children) {
    shown.push(...children.filter((child) => !(child instanceof Element)).map(String));
  }
  addEventListener() {}
}
globalThis.document = { createElement: () => new Element() };
globalThis.IntersectionObserver = class { observe() {} };
const input = JSON.parse(process.argv[1]);
const load = (name) => import(`${input.page}/${name}.js`);
const [{ use }, { rank }, { card, recommendation }] = await Promise.all(['words', 'ranking', 'card'].map(load));
use(input.words, input.english);
const candidate = (document, key) => ({ document, key, name: key, url: null });
const candidates = input.documents.map((document) => candidate(document, document.image.key));
const { settings, style: name, strict } = input;
const ranked = rank(candidates, { name, ...settings.styles[name] }, settings, strict);
recommendation(ranked, { ...settings, strict });
for (const entry of ranked.entries) card(entry, { ...settings, actions: {} });
process.stdout.write(JSON.stringify(shown));
"""


def drawn(results: list[Result], language: str, *, strict: bool = False, style: str = "general") -> list[str]:
    settings: dict[str, Any] = {
        "styles": {name: asdict(style) for name, style in STYLES.items()},
        "steps": [{"least": least, "stars": stars, "band": band} for least, stars, band in STEPS],
        "divisive_from": DIVISIVE_FROM,
        "near_duplicate_bits": NEAR_DUPLICATE_BITS,
        "margins": {"tied": TIED, "clear": CLEAR, "outweighed": OUTWEIGHED},
        "policy": MAIN_IMAGE,
    }
    given = {
        "page": PAGE.as_uri(),
        "words": words(language),
        "english": words(ENGLISH),
        "documents": [result.to_json() for result in results],
        "settings": settings,
        "strict": strict,
        "style": style,
    }
    command = [node(), "--input-type=module", "-e", DRAW, json.dumps(given)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: list[str] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize(
    "pictures",
    [
        [shot("a.jpg", 5)],
        [shot("a.jpg", 5), shot("b.jpg", 4)],
        [shot("a.jpg", 5), shot("b.jpg", 4.8, NAMED)],
        [shot("a.jpg", 5), shot("b.jpg", 5.05, NAMED)],
        [shot("a.jpg", 5), shot("b.jpg", 5.9, SURE)],
        [shot("a.jpg", 5), shot("b.jpg", 5.9, TINTED)],
        [shot("a.jpg", 5), shot("b.jpg", 6.2, SURE, TINTED)],
        [shot("a.jpg", 5), shot("b.jpg", 7, SURE, TINTED)],
        [shot("a.jpg", 5), shot("b.jpg", 5.9, SURE), shot("c.jpg", 4)],
        [shot("a.jpg", 5), shot("b.jpg", 4.8, SURE), shot("c.jpg", 4)],
        [shot("a.jpg", 5, SURE), shot("b.jpg", 4.5, SURE)],
        [shot("a.jpg", 5, CLUTTERED), shot("b.jpg", 4.5, CLUTTERED), shot("c.jpg", 3)],
        [shot(f"{n}.jpg", 5) for n in range(8)],
        [shot("a.jpg", 5), shot("b.jpg", 5.9, NAMED, CLUTTERED)],
    ],
    ids=[
        *("only", "clear", "slight", "tied", "sound", "minded", "slightly above", "clearly above", "outweighed"),
        *("about as much", "both defective", "all cluttered", "long tie", "of one style"),
    ],
)
@pytest.mark.parametrize(("strict", "style"), [(False, "general"), (True, "portrait"), (False, "ecommerce")])
def test_the_page_says_why_as_the_server_does(pictures: list[Result], strict: bool, style: str) -> None:
    recommended = rank(pictures, style, required=strict).recommended
    assert recommended
    assert recommended.why in drawn(pictures, ENGLISH, strict=strict, style=style)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_style_minds_is_marked(language: str) -> None:
    names = say("deductions", TINTED.code, "name", language=language)
    told = {say("texts", "minded", names=names, language=language)}
    pictures = [shot("a.jpg", 5), shot("b.jpg", 7, TINTED)]
    assert told <= set(drawn(pictures, language, style="portrait"))
    assert not told & set(drawn(pictures, language, style="landscape"))


def test_the_page_says_what_the_best_fails_as_the_server_does() -> None:
    pictures = [shot("pretty.jpg", 8, main_image=BAD), shot("plain.jpg", 5, main_image=BAD)]
    note = rank(pictures, "general", required=True).note
    assert note in drawn(pictures, ENGLISH, strict=True)
    assert note
    assert "_background" not in note, "codes are for machines"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_best_of_thousands_is_not_called_better_than_all(language: str) -> None:
    picture = shot("a.jpg", 5)
    assert picture.assessment
    stands = Percentiles(reference=Percentile("everybody", 99.9))
    scores = {head: replace(score, percentile=stands) for head, score in picture.assessment.scores.items()}
    best = replace(picture, assessment=replace(picture.assessment, scores=scores))
    (told,) = (line for line in drawn([best], language) if "everybody" in line)
    assert told.count("99%") == 2
    assert "100%" not in told


@pytest.mark.parametrize("language", LANGUAGES)
def test_ties_sure_defects_and_the_best_that_passes_are_shown(language: str) -> None:
    pictures = [
        shot("pretty.jpg", 5.05, main_image=BAD),
        shot("plain.jpg", 5.0),
        shot("soft.jpg", 6, SURE),
    ]
    comma = say("texts", "separator", language=language)
    blur = say("deductions", "soft", "name", language=language)
    shown = drawn(pictures, language)
    names = f"pretty.jpg{comma}plain.jpg"
    assert names in "".join(shown)
    assert say("texts", "tooClose", names=names, language=language) not in shown, "the sentence has named them"
    assert say("texts", "bestPassing", name="plain.jpg", language=language) in shown
    assert say("texts", "defective", names=blur, language=language) in shown
    assert say("texts", "best", name="pretty.jpg", language=language) in drawn(pictures, language, strict=True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_of_a_long_tie_are_named_below_the_sentence(language: str) -> None:
    names = [f"{n}.jpg" for n in range(8)]
    told = say("texts", "tooClose", names=say("texts", "separator", language=language).join(names), language=language)
    assert told in drawn([shot(name, 5) for name in names], language)
