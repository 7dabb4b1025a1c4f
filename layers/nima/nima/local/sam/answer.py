"""What a function answered: its failures, which ``sam local`` takes for success, and one line for each picture."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from nima.report.table import printable, stars

_SAID_WHY = re.compile("timed out|Runtime exited|ExitError|OOM")
HEADINGS = ("Technical", "Aesthetic", "Composite", "Stars", "Main deduction")


class FunctionFailed(Exception):
    """A function raised, ran out of time or memory, or answered with a server's error; the message says which."""


def read_answer(text: str, logged: Iterable[str] = ()) -> Any:
    """The answer of an invocation.

    Args:
        text: What SAM gave as the answer: nothing, where the function ran out of time or of memory.
        logged: What SAM logged meanwhile.

    Raises:
        FunctionFailed: It is not the answer of a function that succeeded.
    """
    try:
        answer = json.loads(text)
    except ValueError:
        told = (line for line in logged if _SAID_WHY.search(line))
        raise FunctionFailed(text.strip() or next(told, "it gave no answer")) from None
    if isinstance(answer, dict):
        if "errorType" in answer or "errorMessage" in answer:
            parts = [str(answer[part]) for part in ("errorType", "errorMessage") if part in answer]
            raise FunctionFailed(": ".join(parts))
        if isinstance(answer.get("statusCode"), int) and answer["statusCode"] >= 500:
            raise FunctionFailed(f"it answered {answer['statusCode']}: {answer.get('body')}")
        unread = [result["message"] for result in answer.get("results", ()) if result["status"] == "invalid"]
        if unread:
            raise FunctionFailed("; ".join(unread))
    return answer


def heading(width: int) -> str:
    """What stands above the lines of pictures."""
    return _columns("File", width, *HEADINGS)


def picture_line(name: str, answer: Mapping[str, Any], width: int) -> tuple[str, bool]:
    """One line about a picture, and whether it was scored.

    Args:
        name: What the picture is called.
        answer: The proxy response of ``POST /evaluate``.
        width: Of the names.
    """
    document = json.loads(answer["body"])
    if answer["statusCode"] != 200:
        return refused_line(name, document["error"], width), False
    composite, deductions = document["composite"], document["deductions"]
    means = [f"{document[head]['mean']:.2f}" for head in ("technical", "aesthetic")]
    main = deductions[0]["code"].replace("_", " ") if deductions else "none"
    return _columns(name, width, *means, f"{composite['score']:.2f}", stars(composite["stars"]), main), True


def refused_line(name: str, error: Mapping[str, str], width: int) -> str:
    """One line about a picture that was refused, with the error's code."""
    return f"{_name(name, width)}  {error['code']}: {printable(error['message'])}"


def _columns(name: str, width: int, *cells: str) -> str:
    technical, aesthetic, composite, rating, main = cells
    return f"{_name(name, width)}  {technical:>9}  {aesthetic:>9}  {composite:>9}  {rating:<5}  {main}"


def _name(name: str, width: int) -> str:
    return printable(name).ljust(width)
