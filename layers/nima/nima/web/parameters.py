"""What a request may say in its query string: each parameter checks its value and describes itself for OpenAPI."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nima.document.composite import Weights
from nima.errors import InvalidRequest

_NUMBER = r"[0-9]+(\.[0-9]+)?"
_WEIGHTS = rf"(?=.*[1-9]){_NUMBER},{_NUMBER}"

_NO_TEXT = "\ufffd"
"""What gateways put in the place of bytes that are not UTF-8."""

Schema = dict[str, Any]
"""A JSON schema, as OpenAPI 3.1 takes it."""


@dataclass(frozen=True)
class Parameter:
    """A text of 1 to ``longest`` bytes of UTF-8.

    Attributes:
        name: Its name in the query string.
        description: One sentence.
        default: The value where it is absent; None leaves it out.
        required: Whether its absence is an error.
        longest: Bytes that the text may have.
        example: One for the documentation.
    """

    name: str
    description: str
    default: Any = None
    required: bool = False
    longest: int = 1024
    example: Any = None

    def read(self, raw: str) -> Any:
        """The value of a text.

        Raises:
            InvalidRequest: It is not allowed; the message names the parameter and what is.
        """
        if not fits(raw, self.longest):
            raise self.refuse(f"1 to {self.longest} bytes")
        if _NO_TEXT in raw:
            raise self.refuse("percent-encoded UTF-8")
        return raw

    def schema(self) -> Schema:
        """What the text has to look like."""
        return {"type": "string", "minLength": 1, "maxLength": self.longest}

    def refuse(self, allowed: str) -> InvalidRequest:
        """The error that says what is allowed."""
        return InvalidRequest(f"{self.name}: {allowed}.")

    def openapi(self) -> dict[str, Any]:
        """The parameter object of OpenAPI."""
        schema = self.schema()
        if self.default is not None:
            schema["default"] = self.default
        return {
            "name": self.name,
            "in": "query",
            "description": self.description,
            "required": self.required,
            "schema": schema,
            **({"example": self.example} if self.example is not None else {}),
        }


@dataclass(frozen=True)
class Choice(Parameter):
    """One of some words."""

    words: tuple[str, ...] = ()

    def read(self, raw: str) -> str:
        if raw not in self.words:
            raise self.refuse(f"one of {', '.join(self.words)}")
        return raw

    def schema(self) -> Schema:
        return {"type": "string", "enum": list(self.words)}


class Switch(Parameter):
    """``true`` or ``false``."""

    def read(self, raw: str) -> bool:
        if raw not in ("true", "false"):
            raise self.refuse("true or false")
        return raw == "true"

    def schema(self) -> Schema:
        return {"type": "boolean"}


@dataclass(frozen=True)
class Integer(Parameter):
    """A whole number in ``low..high``, both included."""

    low: int = 1
    high: int = 100

    def read(self, raw: str) -> int:
        if not (raw.isascii() and raw.isdigit() and len(raw) < 10 and self.low <= int(raw) <= self.high):
            raise self.refuse(f"a whole number from {self.low} to {self.high}")
        return int(raw)

    def schema(self) -> Schema:
        return {"type": "integer", "minimum": self.low, "maximum": self.high}


class Score(Parameter):
    """A number in 1..10."""

    def read(self, raw: str) -> float:
        try:
            value = float(raw) if raw.isascii() else math.nan
        except ValueError:
            value = math.nan
        if not 1 <= value <= 10:
            raise self.refuse("a number from 1 to 10")
        return value

    def schema(self) -> Schema:
        return {"type": "number", "minimum": 1, "maximum": 10}


@dataclass(frozen=True)
class WeightPair(Parameter):
    """Two weights with a comma between them, technical first: ``0.4,0.6``."""

    longest: int = 50

    def read(self, raw: str) -> Weights:
        if len(raw) > self.longest or not re.fullmatch(_WEIGHTS, raw, re.ASCII):
            raise self.refuse("two numbers that are not negative and not both 0, technical first, as in 0.4,0.6")
        technical, aesthetic = (float(part) for part in raw.split(","))
        return Weights.of(technical, aesthetic)

    def schema(self) -> Schema:
        return {"type": "string", "pattern": f"^{_WEIGHTS}$", "maxLength": self.longest}


def fits(text: str, longest: int) -> bool:
    """Whether a text has 1 to ``longest`` bytes of UTF-8, which it has not with half a surrogate pair."""
    try:
        return 0 < len(text.encode()) <= longest
    except UnicodeEncodeError:
        return False


def read_query(query: Mapping[str, Sequence[str]], parameters: Sequence[Parameter]) -> dict[str, Any]:
    """The values of all parameters, defaults included.

    Raises:
        InvalidRequest: One is not known, given twice, missing or not allowed.
    """
    known = {parameter.name: parameter for parameter in parameters}
    for name, values in query.items():
        if name not in known:
            allowed = f"It takes {', '.join(known)}." if known else "It takes none."
            raise InvalidRequest(f"{name[:100]}: there is no such query parameter. {allowed}")
        if len(values) != 1:
            raise InvalidRequest(f"{name}: given more than once.")
    found: dict[str, Any] = {}
    for name, parameter in known.items():
        if name in query:
            found[name] = parameter.read(query[name][0])
        elif parameter.required:
            raise InvalidRequest(f"{name}: it is missing.")
        else:
            found[name] = parameter.default
    return found
