"""What the report says, once per language: the files of the folder ``words``, templates as in ``nima.words``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from nima.training.evaluate.comparison import MEASURES, WORSE, Difference, Estimate
from nima.training.evaluate.report.parts import number
from nima.words import ENGLISH, say

WORDS = Path(__file__).with_name("words")


class Texts:
    """The report's texts in one language."""

    def __init__(self, language: str = ENGLISH) -> None:
        self.language = language

    def __call__(self, *path: str, **facts: Any) -> str:
        """The text at ``path``, or of that name.

        Raises:
            KeyError: There are no words for that, or a fact is missing.
        """
        path = path if len(path) > 1 else ("texts", *path)
        signed = {name: _minus(fact) for name, fact in facts.items()}
        return say(*path, language=self.language, folder=WORDS, **signed)

    def row(self, parts: list[str]) -> str:
        """Some texts in a row."""
        return self("separator").join(parts)


def rounded(name: str, estimate: Estimate) -> dict[str, str]:
    """A figure and its interval, to the digits that they are shown with."""
    return {end: number(value, MEASURES[name].digits) for end, value in asdict(estimate).items()}


def worded(say: Texts, name: str, difference: Difference, pictures: int) -> str:
    """How much better or worse a model's figure is, in words: both by a number that is not negative."""
    estimate = difference.estimate
    if difference.verdict == WORSE:
        estimate = Estimate(-estimate.value, -estimate.high, -estimate.low)
    return say("verdicts", difference.verdict, count=pictures, **rounded(name, estimate))


class _Number(float):
    """A number whose sign is a minus, not a hyphen."""

    def __format__(self, form: str) -> str:
        return super().__format__(form).replace("-", "\N{MINUS SIGN}")


def _minus(fact: Any) -> Any:
    return _Number(fact) if isinstance(fact, float) else fact
