"""What single values of a document are: ranges of numbers, forms of texts and closed sets of codes, as types."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, Any

from nima.errors import error_codes
from nima.image.formats import FORMATS, RAW


def ref(name: str) -> dict[str, Any]:
    """The schema of an OpenAPI document's component."""
    return {"$ref": f"#/components/schemas/{name}"}


class OneOf:
    """A text that is one of a closed set, which is its registry's; ``always`` are those that every mapping has."""

    def __init__(self, codes: Callable[[], Iterable[str]], always: Callable[[], Iterable[str]] | None = None) -> None:
        self._codes = codes
        self._always = always or codes

    @property
    def codes(self) -> tuple[str, ...]:
        """The set, in its registry's order."""
        return tuple(self._codes())

    @property
    def always(self) -> tuple[str, ...]:
        """Those of the set that are names in every mapping by it."""
        return tuple(self._always())


class Limits:
    """What a value keeps to, in the keywords of JSON Schema."""

    def __init__(self, **keywords: Any) -> None:
        self.keywords = keywords


Share = Annotated[float, Limits(minimum=0, maximum=1)]
Opinion = Annotated[float, Limits(minimum=1, maximum=10)]
Positive = Annotated[float, Limits(minimum=0)]
Count = Annotated[int, Limits(minimum=0)]
Key = Annotated[str, Limits(minLength=1), "An object key."]
CollectionId = Annotated[str, "The id of a collection."]
Time = Annotated[str, Limits(format="date-time")]
Format = Annotated[str, OneOf(lambda: (*FORMATS, RAW))]
ErrorCode = Annotated[str, OneOf(lambda: sorted({*error_codes(), "unauthorized"}))]
