"""The thresholds of the policy for main images: what each may be, its default and the variable that sets it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from nima import env
from nima.errors import InvalidRequest

TOLERANCES = (0, 1, 2, 5)
"""Levels below 255 down to which white is measured: JPEG compression makes 254 of 255."""

_MAX_SIDE = 100_000
_PREFIX = "NIMA_MAIN_IMAGE_"


def _threshold(default: float, read: Callable[..., float], *allowed: float) -> Any:
    """A field that says how its variable is read, and what it may be: a reader of ``nima.env`` and the rest of what it
    takes."""
    return field(default=default, metadata={"read": lambda variables, name: read(variables, name, default, *allowed)})


def _level(variables: Mapping[str, str], name: str, default: float, *levels: float) -> int:
    return int(env.choice(variables, name, str(default), [str(level) for level in levels]))


@dataclass(frozen=True)
class MainImageRules:
    """The thresholds of the policy, each set by ``NIMA_MAIN_IMAGE_`` with its name.

    Attributes:
        white_share: Least share of the background that is white, 0..1.
        white_tolerance: One of ``TOLERANCES``; 0 asks for exactly (255, 255, 255).
        fill: Least share of the frame's longer side that the product takes, 0..1.
        minimum_side: Pixels of the longer side below which a picture is refused.
        zoom_side: Pixels that the zoom of a product page needs.
        recommended_side: Pixels from which the zoom is sharp; falling short of it fails nothing.
        border: Greatest width of a border, over the longer side.
        text: Greatest share of the picture with text or a mark over it; 1 allows any.

    Raises:
        InvalidRequest: A threshold is outside its range.
    """

    white_share: float = _threshold(0.98, env.number, 0, 1)
    white_tolerance: int = _threshold(5, _level, *TOLERANCES)
    fill: float = _threshold(0.85, env.number, 0, 1)
    minimum_side: int = _threshold(500, env.integer, 1, _MAX_SIDE)
    zoom_side: int = _threshold(1000, env.integer, 1, _MAX_SIDE)
    recommended_side: int = _threshold(1600, env.integer, 1, _MAX_SIDE)
    border: float = _threshold(0.0, env.number, 0, 1)
    text: float = _threshold(0.0, env.number, 0, 1)

    def __post_init__(self) -> None:
        for threshold in fields(self):
            name = threshold.name
            try:
                threshold.metadata["read"]({name: str(getattr(self, name))}, name)
            except env.BadSetting as error:
                raise InvalidRequest(f"{name}: {error.allowed}.") from error

    @property
    def white_level(self) -> int:
        """The least level, of 255, that counts as white."""
        return 255 - self.white_tolerance

    @classmethod
    def from_env(cls, variables: Mapping[str, str]) -> MainImageRules:
        """Reads the environment.

        Raises:
            BadSetting: A threshold is outside its range.
        """
        names = zip(VARIABLES, fields(cls), strict=True)
        return cls(**{threshold.name: threshold.metadata["read"](variables, name) for name, threshold in names})


VARIABLES = tuple(f"{_PREFIX}{threshold.name.upper()}" for threshold in fields(MainImageRules))
"""The variables of the thresholds, in their order."""
