"""An operation: a method on a path, what it takes and gives, and the handler behind it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from nima.catalogue.folders import MAX_KEY_BYTES
from nima.errors import InvalidRequest, NimaError, UnsupportedFormat
from nima.web.parameters import Parameter, fits, read_query
from nima.web.request import Body, Request, read_request
from nima.web.response import Response

Handler = Callable[[Request], Response]

_PARAMETER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class ResponseSchema:
    """One response of an operation: what it is, and the JSON schema of each content type it comes in."""

    description: str
    content: Mapping[str, Mapping[str, Any]]
    headers: tuple[str, ...] = ()


@dataclass(frozen=True)
class PathParameter:
    """A part of a path, percent-encoded there.

    Attributes:
        name: Its name.
        description: One sentence.
        example: One for the documentation, decoded.
        longest: Bytes that it may have, decoded.
    """

    name: str
    description: str
    example: str
    longest: int = MAX_KEY_BYTES

    def read(self, raw: str) -> str:
        """The text of a percent-encoded part.

        Raises:
            InvalidRequest: It is not allowed; the message names the parameter and what is.
        """
        from urllib.parse import unquote  # takes a while, and many routes have no parameter

        try:
            value = unquote(raw, errors="strict")
        except UnicodeDecodeError as error:
            raise InvalidRequest(f"{self.name}: percent-encoded UTF-8.", detail=repr(raw[:200])) from error
        if not fits(value, self.longest):
            raise InvalidRequest(f"{self.name}: 1 to {self.longest} bytes.")
        return value


@dataclass(frozen=True)
class Operation:
    """What one route is.

    Attributes:
        method: In capitals.
        path: With ``{name}`` for parameters. They take slashes too: some gateways, `sam local` among them, decode what
            is in a path before a function sees it.
        id: The name that generated clients call it by.
        summary: A few words.
        description: Sentences.
        responses: By status; errors apart.
        query: Parameters of the query string.
        path_parameters: Parameters of the path.
        headers: Names of request headers that move the response.
        body: What the body may be; None without one.
        errors: Of its own, besides those that every operation has.
        open: Whether it needs no API key.
        documented: Whether the API's description has it.
    """

    method: str
    path: str
    id: str
    summary: str
    responses: Mapping[int, ResponseSchema]
    description: str = ""
    query: tuple[Parameter, ...] = ()
    path_parameters: tuple[PathParameter, ...] = ()
    headers: tuple[str, ...] = ()
    body: Body | None = None
    errors: tuple[type[NimaError], ...] = ()
    open: bool = False
    documented: bool = True

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods that it is asked by: HEAD is GET without the body."""
        return ("GET", "HEAD") if self.method == "GET" else (self.method,)

    @property
    def shape(self) -> str:
        """The path with nothing in the place of its parameters' names: what requests can tell apart."""
        return _PARAMETER.sub("{}", self.path)

    @property
    def precedence(self) -> tuple[int, list[bool], str]:
        """Sorts operations so that of those that fit a path, the first is the most specific.

        That is the one with the most literal segments; of as many, the one that has one where the other has a parameter
        first.
        """
        variable = ["{" in segment for segment in self.path.split("/")]
        return variable.count(False) * -1, variable, self.shape

    @cached_property
    def all_errors(self) -> tuple[type[NimaError], ...]:
        """The errors of its own and those that its declaration implies."""
        implied: list[type[NimaError]] = []
        if self.query or self.body or self.path_parameters:
            implied.append(InvalidRequest)
        if self.body:
            implied.append(UnsupportedFormat)
        return tuple(dict.fromkeys((*implied, *self.errors)))

    def match(self, path: str) -> Mapping[str, str] | None:
        """The parameters in a path, still percent-encoded, by name; None where the path is another one's."""
        match = self._pattern.fullmatch(path.rstrip("/") or "/")
        return match.groupdict() if match else None

    def read(self, event: Mapping[str, Any], parameters: Mapping[str, str]) -> Request:
        """The checked request of a proxy event and of what ``match`` found in its path.

        Raises:
            NimaError: A part of it is not allowed.
        """
        path = {parameter.name: parameter.read(parameters[parameter.name]) for parameter in self.path_parameters}
        request = read_request(event, path, self.body)
        return replace(request, values=read_query(request.query, self.query))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        parts = enumerate(_PARAMETER.split(self.path))
        rule = "".join(f"(?P<{part}>.+)" if place % 2 else re.escape(part) for place, part in parts)
        return re.compile(rule, re.DOTALL)
