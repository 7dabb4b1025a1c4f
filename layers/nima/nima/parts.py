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
        self.expect(dict, "an object")
        if name not in self.value:
            raise InvalidRequest(f"{self._of(name)}: missing.")
        return Part(self.value[name], self._of(name))

    def optional(self, name: str) -> Part | None:
        """A member; None where it is missing, null or an empty text."""
        return None if isinstance(self.value, dict) and self.find(name) in (None, "") else self[name]

    def parts(self) -> list[Part]:
        """The elements of a list."""
        self.expect(list, "a list")
        return [Part(value, f"{self.where}[{place}]") for place, value in enumerate(self.value)]

    def members(self) -> list[Part]:
        """The members of an object."""
        self.expect(dict, "an object")
        return [self[name] for name in self.value]

    def text(self, longest: int = 1024) -> str:
        """A text of 1 to ``longest`` bytes of UTF-8, without a null character."""
        self.expect(str, "text")
        value: str = self.value
        try:
            length = len(value.encode())
        except UnicodeEncodeError as error:
            raise InvalidRequest(f"{self.where}: not valid Unicode.") from error
        if not 1 <= length <= longest:
            raise InvalidRequest(f"{self.where}: 1 to {longest} bytes, not {length}.")
        if "\0" in value:
            raise InvalidRequest(f"{self.where}: it holds a null character.")
        return value

    def count(self, most: int) -> int:
        """A whole number from 0 to ``most``."""
        if isinstance(self.value, bool):
            raise self._refuse("a whole number")
        self.expect(int, "a whole number")
        value: int = self.value
        if not 0 <= value <= most:
            raise InvalidRequest(f"{self.where}: 0 to {most}.")
        return value

    def expect(self, kind: type, name: str) -> None:
        """Refuses a value of another kind than the one so named."""
        if not isinstance(self.value, kind):
            raise self._refuse(name)

    def _refuse(self, expected: str) -> InvalidRequest:
        return InvalidRequest(f"{self.where or 'event'}: {expected}, not {_KINDS.get(type(self.value), 'null')}.")

    def _of(self, name: str) -> str:
        # A member's name is as foreign as its value: what cannot be sent or is endless is not repeated.
        shown = ascii(name)[1:-1][:100]
        return f"{self.where}.{shown}" if self.where else shown
