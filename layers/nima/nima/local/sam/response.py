"""What a function responded: its failures, which ``sam local`` takes for success, and one line for each picture."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from nima.document.composite import WEIGHED
from nima.report.table import main_deduction, printable, stars

_CAUSE = re.compile("timed out|Runtime exited|ExitError|OOM")
HEADINGS = ("Technical", "Aesthetic", "Composite", "Stars", "Main deduction")


class FunctionFailed(Exception):
    """A function raised, ran out of time or memory, or answered with a server's error; the message says which."""


def read_response(text: str, logged: Iterable[str] = ()) -> Any:
    """The response of an invocation.

    Args:
        text: What SAM gave as the response: nothing, where the function ran out of time or of memory.
        logged: What SAM logged meanwhile.

    Raises:
        FunctionFailed: It is not the response of a function that succeeded.
    """
    try:
        response = json.loads(text)
    except ValueError:
        causes = (line for line in logged if _CAUSE.search(line))
        raise FunctionFailed(text.strip() or next(causes, "it gave no answer")) from None
    if isinstance(response, dict):
        if "errorType" in response or "errorMessage" in response:
            parts = [str(response[part]) for part in ("errorType", "errorMessage") if part in response]
            raise FunctionFailed(": ".join(parts))
        if isinstance(response.get("statusCode"), int) and response["statusCode"] >= 500:
            raise FunctionFailed(f"it answered {response['statusCode']}: {response.get('body')}")
        unread = [result["message"] for result in response.get("results", ()) if result["status"] == "invalid"]
        if unread:
            raise FunctionFailed("; ".join(unread))
    return response


def heading(width: int) -> str:
    """What stands above the lines of pictures."""
    return _columns("File", width, *HEADINGS)


def picture_line(name: str, response: Mapping[str, Any], width: int) -> tuple[str, bool]:
    """One line about a picture, and whether it was scored.

    Args:
        name: What the picture is called.
        response: The proxy response of ``POST /evaluate``.
        width: Of the names.
    """
    document = json.loads(response["body"])
    if response["statusCode"] != 200:
        return refused_line(name, document["error"], width), False
    composite, main = document["composite"], main_deduction(document)
    means = [f"{document[head]['mean']:.2f}" for head in WEIGHED]
    return _columns(name, width, *means, f"{composite['score']:.2f}", stars(composite["stars"]), main), True


def refused_line(name: str, error: Mapping[str, str], width: int) -> str:
    """One line about a picture that was refused, with the error's code."""
    return f"{_name(name, width)}  {error['code']}: {printable(error['message'])}"


def _columns(name: str, width: int, *cells: str) -> str:
    technical, aesthetic, composite, rating, main = cells
    return f"{_name(name, width)}  {technical:>9}  {aesthetic:>9}  {composite:>9}  {rating:<5}  {main}"


def _name(name: str, width: int) -> str:
    return printable(name).ljust(width)
