"""A thing of a known kind is one entry: one that is only half there is noticed, from whichever side it was begun."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nima.assess import measures, signals, traits
from nima.assess.confidence import judge_confidence
from nima.catalogue.stats import SCALES
from nima.document.assessment import Trait, Traits
from nima.document.composite import STYLES
from nima.document.defects import DEFECTS
from nima.document.doubts import DOUBTS, UNCERTAIN
from nima.document.kinds import KINDS
from nima.document.maps import MAPS
from nima.document.policy import CHECKS, POLICIES
from nima.heads import HEADS
from nima.image.colour import UNUSABLE
from nima.image.formats import FORMATS
from nima.model.agreement import SIGNALS, Agreement, Curve
from nima.words import LANGUAGES, words

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTATION = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "README.md", *ROOT.glob("docs/*.md")))


def test_every_defect_and_every_kind_of_picture_is_measured_and_nothing_else() -> None:
    assert list(measures.MEASURES) == list(DEFECTS)
    assert list(traits.MEASURES) == list(KINDS)


def test_every_signal_is_measured_and_raises_a_doubt() -> None:
    assert tuple(signals.DOUBTS) == SIGNALS
    assert set(signals.DOUBTS.values()) == set(UNCERTAIN)


def test_a_picture_that_raises_every_doubt_is_given_every_reason() -> None:
    all_of_it = Traits(9.0, True, UNUSABLE, None, {name: Trait(True, 1.0, kind.unit) for name, kind in KINDS.items()})
    raised = list(signals.DOUBTS.values())
    curves = {name: Curve((0, 1), (0, 1 / raised.count(doubt))) for name, doubt in signals.DOUBTS.items()}
    agreement = Agreement("teacher", "photographs", curves, 1.0, 2.0)
    confidence = judge_confidence(all_of_it, 900, 100, agreement, dict.fromkeys(SIGNALS, 1.0))
    assert tuple(reason.code for reason in confidence.reasons) == DOUBTS
    assert judge_confidence(Traits(1.5, False, "sRGB", None, {}), 900, 600).reasons == ()


@pytest.mark.parametrize(
    "name", [*HEADS, *STYLES, *DEFECTS, *CHECKS, *POLICIES, *MAPS, *(format.label for format in FORMATS.values())]
)
def test_the_documentation_names_it(name: str) -> None:
    assert re.search(rf"\b{name}\b", DOCUMENTATION)


def test_the_page_has_a_colour_for_every_head_in_both_schemes() -> None:
    styles = (ROOT / "functions/query/page/style.css").read_text(encoding="utf-8")
    for name, head in HEADS.items():
        light, dark = re.findall(rf"--{name}: (#[0-9a-f]{{6}});", styles)
        assert light == head.colour
        assert dark != light


def test_no_two_scores_share_their_counters() -> None:
    assert len({letter[:1] for letter in SCALES.values()}) == len(SCALES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_heads_are_shown_in_their_order(language: str) -> None:
    assert list(words(language)["heads"]) == list(HEADS)
