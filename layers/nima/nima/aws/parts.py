"""Reading a JSON document that others wrote: each part knows where it stands, so that an error can name it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nima.errors import InvalidRequest

_KINDS = {str: "text", bool: "a boolean", int: "a number", float: "a number", list: "a list", dict: "an object"}


@dataclass(frozen=True)
class Part:
    """A value of any JSON type.

    Attributes:
        value: The value.
        where: Its place, such as ``Records[0].s3``; empty for the whole document.

    Every method that reads raises ``InvalidRequest`` with that place where the value is not what is asked for.
    """

    value: Any
    where: str = ""

    def has(self, name: str) -> bool:
        """Whether this is an object with such a member, null or not."""
        return isinstance(self.value, dict) and name in self.value

    def find(self, name: str) -> Any:
        """The value of a member; None where there is none or this is no object."""
        return self.value.get(name) if isinstance(self.value, dict) else None

    def __getitem__(self, name: str) -> Part:
        """A member, which has to be there."""
        if not isinstance(self.value, dict):
            raise self.refuse("an object")
        if name not in self.value:
            raise InvalidRequest(f"{self._of(name)}: missing.")
        return Part(self.value[name], self._of(name))

    def optional(self, name: str) -> Part | None:
        """A member; None where it is missing, null or an empty text."""
        return None if isinstance(self.value, dict) and self.find(name) in (None, "") else self[name]

    def parts(self) -> list[Part]:
        """The elements of a list."""
        if not isinstance(self.value, list):
            raise self.refuse("a list")
        return [Part(value, f"{self.where}[{place}]") for place, value in enumerate(self.value)]

    def text(self, longest: int = 1024) -> str:
        """A text of 1 to ``longest`` bytes of UTF-8, without a null character."""
        if not isinstance(self.value, str):
            raise self.refuse("text")
        try:
            length = len(self.value.encode())
        except UnicodeEncodeError as error:
            raise InvalidRequest(f"{self.where}: not valid Unicode.") from error
        if not 1 <= length <= longest:
            raise InvalidRequest(f"{self.where}: 1 to {longest} bytes, not {length}.")
        if "\0" in self.value:
            raise InvalidRequest(f"{self.where}: it holds a null character.")
        return self.value

    def count(self, most: int) -> int:
        """A whole number from 0 to ``most``."""
        if isinstance(self.value, bool) or not isinstance(self.value, int):
            raise self.refuse("a whole number")
        if not 0 <= self.value <= most:
            raise InvalidRequest(f"{self.where}: 0 to {most}.")
        return self.value

    def refuse(self, expected: str) -> InvalidRequest:
        """The error of a value of another kind."""
        return InvalidRequest(f"{self.where or 'event'}: {expected}, not {_KINDS.get(type(self.value), 'null')}.")

    def _of(self, name: str) -> str:
        return f"{self.where}.{name}" if self.where else name
