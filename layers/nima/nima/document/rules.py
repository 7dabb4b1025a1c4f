"""The thresholds of the policy for main images: what each may be, its default and the variable that sets it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

from nima import env
from nima.errors import InvalidRequest

TOLERANCES = (0, 1, 2, 5)
"""Levels below 255 down to which white is measured: JPEG compression makes 254 of 255."""

_MAX_SIDE = 100_000
_PREFIX = "NIMA_MAIN_IMAGE_"


class _Allowed(NamedTuple):
    """What a threshold may be, and how it is read from a variable."""

    text: str
    holds: Callable[[Any], bool]
    read: Callable[[Mapping[str, str], str, Any], Any]


_SHARE = _Allowed(
    "a number from 0 to 1",
    lambda share: 0 <= share <= 1,
    lambda variables, name, default: env.number(variables, name, default, 0, 1),
)
_SIDE = _Allowed(
    f"a whole number from 1 to {_MAX_SIDE}",
    lambda side: 1 <= side <= _MAX_SIDE,
    lambda variables, name, default: env.integer(variables, name, default, 1, _MAX_SIDE),
)
_TOLERANCE = _Allowed(
    f"one of {', '.join(map(str, TOLERANCES))}",
    TOLERANCES.__contains__,
    lambda variables, name, default: int(env.choice(variables, name, str(default), [str(t) for t in TOLERANCES])),
)


def _threshold(allowed: _Allowed, default: float) -> Any:
    return field(default=default, metadata={"allowed": allowed})


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

    Raises:
        InvalidRequest: A threshold is outside its range.
    """

    white_share: float = _threshold(_SHARE, 0.98)
    white_tolerance: int = _threshold(_TOLERANCE, 0)
    fill: float = _threshold(_SHARE, 0.85)
    minimum_side: int = _threshold(_SIDE, 500)
    zoom_side: int = _threshold(_SIDE, 1000)
    recommended_side: int = _threshold(_SIDE, 1600)
    border: float = _threshold(_SHARE, 0.0)

    def __post_init__(self) -> None:
        for threshold in fields(self):
            allowed = threshold.metadata["allowed"]
            if not allowed.holds(getattr(self, threshold.name)):
                raise InvalidRequest(f"{threshold.name}: {allowed.text}.")

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
        names = dict(zip(VARIABLES, fields(cls), strict=True))
        return cls(**{t.name: t.metadata["allowed"].read(variables, name, t.default) for name, t in names.items()})


VARIABLES = tuple(f"{_PREFIX}{threshold.name.upper()}" for threshold in fields(MainImageRules))
"""The variables of the thresholds, in their order."""
