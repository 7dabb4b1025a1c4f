"""What a function makes once and keeps for the life of its process: settings, clients, the model."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

if TYPE_CHECKING:
    from functools import _lru_cache_wrapper

_Parameters = ParamSpec("_Parameters")
_Made = TypeVar("_Made")
_makers: list[_lru_cache_wrapper[Any]] = []


def per_process(make: Callable[_Parameters, _Made]) -> Callable[_Parameters, _Made]:
    """Decorates a function so that it is called once for each of its arguments, and what it made is kept."""
    cached = cache(make)
    _makers.append(cached)
    return cast("Callable[_Parameters, _Made]", cached)


def reset() -> None:
    """Lets go of everything that was made, so that the next call makes it anew for the environment of then."""
    for maker in _makers:
        maker.cache_clear()
