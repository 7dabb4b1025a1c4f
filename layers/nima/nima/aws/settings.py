"""The settings of the functions, read once from the environment and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nima import env
from nima.assess.composite import STYLES
from nima.catalogue.keys import DEFAULT_PATTERN, KeyPattern
from nima.image.limits import Limits

_MAX_THREADS = 64
_MAX_TOMBSTONE_DAYS = 3650


@dataclass(frozen=True)
class QuerySettings:
    """``TABLE_NAME``."""

    table: str

    @classmethod
    def from_env(cls, variables: Mapping[str, str]) -> QuerySettings:
        return cls(table=env.text(variables, "TABLE_NAME"))


@dataclass(frozen=True)
class ScoreSettings:
    """The score function's settings.

    Attributes:
        table: ``TABLE_NAME``.
        bucket: ``BUCKET_NAME``, where plain keys lie.
        models: ``NIMA_MODELS``, the folder of model folders.
        model: ``MODEL``, a model's id; None takes the best that is there.
        threads: ``NIMA_THREADS`` of one inference; None takes all processors.
        style: ``NIMA_STYLE``.
        reframe: ``NIMA_REFRAME``, on or off.
        pattern: ``NIMA_KEY_PATTERN``.
        tombstone_days: ``NIMA_TOMBSTONE_DAYS`` for which a deletion is remembered.
        limits: ``NIMA_MAX_BYTES`` and ``NIMA_MAX_PIXELS``.
    """

    table: str
    bucket: str
    models: Path
    model: str | None
    threads: int | None
    style: str
    reframe: bool
    pattern: KeyPattern
    tombstone_days: int
    limits: Limits

    @classmethod
    def from_env(cls, variables: Mapping[str, str], models: Path) -> ScoreSettings:
        """Reads the environment; ``models`` is where they lie if ``NIMA_MODELS`` does not say.

        Raises:
            BadSetting: A variable is missing or not allowed.
        """
        raw_pattern = env.text(variables, "NIMA_KEY_PATTERN", DEFAULT_PATTERN)
        try:
            pattern = KeyPattern(raw_pattern)
        except ValueError as error:
            raise env.BadSetting("NIMA_KEY_PATTERN", raw_pattern, str(error)) from error
        return cls(
            table=env.text(variables, "TABLE_NAME"),
            bucket=env.text(variables, "BUCKET_NAME"),
            models=Path(env.text(variables, "NIMA_MODELS", str(models))),
            model=variables.get("MODEL") or None,
            threads=env.integer(variables, "NIMA_THREADS", 0, 0, _MAX_THREADS) or None,
            style=env.choice(variables, "NIMA_STYLE", "general", tuple(STYLES)),
            reframe=env.switch(variables, "NIMA_REFRAME", True),
            pattern=pattern,
            tombstone_days=env.integer(variables, "NIMA_TOMBSTONE_DAYS", 30, 1, _MAX_TOMBSTONE_DAYS),
            limits=Limits.from_env(variables),
        )
