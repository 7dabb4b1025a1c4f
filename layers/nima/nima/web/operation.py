"""An operation: a method on a path, what it takes and gives, and the function that answers it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from nima.catalogue.folders import MAX_KEY_BYTES
from nima.errors import InvalidRequest, NimaError, UnsupportedFormat
from nima.web.answers import Answer
from nima.web.parameters import Parameter, fits, read_query
from nima.web.requests import Body, Request, read_request

Answering = Callable[[Request], Answer]


@dataclass(frozen=True)
class Given:
    """One answer of an operation: what it is, and the JSON schema of each content type it comes in."""

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
        given: Answers by status; errors apart.
        query: Parameters of the query string.
        path_parameters: Parameters of the path.
        headers: Names of request headers that move the answer.
        body: What the body may be; None without one.
        errors: What it may refuse with, besides what every operation may.
        open: Whether it is answered without a key.
    """

    method: str
    path: str
    id: str
    summary: str
    given: Mapping[int, Given]
    description: str = ""
    query: tuple[Parameter, ...] = ()
    path_parameters: tuple[PathParameter, ...] = ()
    headers: tuple[str, ...] = ()
    body: Body | None = None
    errors: tuple[type[NimaError], ...] = ()
    open: bool = False

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods that it is asked by: what GET answers, HEAD does too, without the body."""
        return ("GET", "HEAD") if self.method == "GET" else (self.method,)

    @cached_property
    def rule(self) -> str:
        """The path as a regular expression without groups, as Powertools' resolver takes it."""
        return re.sub(r"\{\w+\}", ".+", self.path)

    @cached_property
    def refusals(self) -> tuple[type[NimaError], ...]:
        """The errors of the operation and those that its declaration implies."""
        implied: list[type[NimaError]] = []
        if self.query or self.body or self.path_parameters:
            implied.append(InvalidRequest)
        if self.body:
            implied.append(UnsupportedFormat)
        return tuple(dict.fromkeys((*implied, *self.errors)))

    def read(self, event: Mapping[str, Any]) -> Request:
        """The checked request of a proxy event.

        Raises:
            NimaError: A part of it is not allowed.
        """
        request = read_request(event, self._path_of(event), self.body)
        return replace(request, values=read_query(request.query, self.query))

    def _path_of(self, event: Mapping[str, Any]) -> dict[str, str]:
        match = self._expression.fullmatch(str(event["path"]).rstrip("/"))
        return {part.name: part.read(match[part.name]) for part in self.path_parameters if match}

    @cached_property
    def _expression(self) -> re.Pattern[str]:
        return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>.+)", self.path), re.DOTALL)
