"""What the report says, once per language: the files of the folder ``words``, templates as in ``nima.words``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nima.training.evaluate.comparison import WORSE, Difference
from nima.words import ENGLISH, fill, words

FOLDER = Path(__file__).with_name("words")


class Texts:
    """The report's texts in one language."""

    def __init__(self, language: str = ENGLISH) -> None:
        self.language = language
        self._words = words(language, FOLDER)

    def __call__(self, *path: str, **facts: Any) -> str:
        """The text at ``path``, or of that name; of one that depends on ``count`` the form for it.

        Raises:
            KeyError: There are no words for that, or a fact is missing.
        """
        found: Any = self._words if len(path) > 1 else self._words["texts"]
        for name in path:
            found = found[name]
        if isinstance(found, dict):
            found = found["one" if facts["count"] == 1 else "other"]
        return fill(found, {name: _minus(fact) for name, fact in facts.items()})

    def row(self, parts: list[str]) -> str:
        """Some texts in a row."""
        return self("separator").join(parts)


def worded(say: Texts, difference: Difference, pictures: int) -> str:
    """How much better or worse a model is, in words: both by a number that is not negative."""
    estimate = difference.estimate
    sign = -1 if difference.verdict == WORSE else 1
    low, high = sorted((sign * estimate.low, sign * estimate.high))
    return say("verdicts", difference.verdict, value=sign * estimate.value, low=low, high=high, count=pictures)


class _Number(float):
    """A number whose sign is a minus, not a hyphen."""

    def __format__(self, form: str) -> str:
        return super().__format__(form).replace("-", "\N{MINUS SIGN}")


def _minus(fact: Any) -> Any:
    return _Number(fact) if isinstance(fact, float) else fact
