"""The functions in warm containers: ``sam local start-lambda``, asked as Lambda is."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from nima.local.sam.build import Build
from nima.local.sam.process import Service, Write, find_sam
from nima.local.sam.response import FunctionFailed, read_response
from nima.local.server import HOST, listen

_ANSWER_SECONDS = 900  # an image may have to be pulled before it runs


class Functions:
    """Runs functions of the latest build; a container stays until the ``with`` block ends or the project is built.

    Args:
        project: The project.
        template: As for ``Service``.
        show: Takes what SAM and the functions log; None keeps it for the message of a failure.
    """

    def __init__(self, project: Path, template: Callable[[ExitStack], str], show: Write | None = None) -> None:
        self._show = show
        self._last_lines: deque[str] = deque(maxlen=100)
        command = [find_sam(project), "local", "start-lambda", "--warm-containers", "LAZY", "--no-watch"]
        with listen(0) as free:
            port = free.getsockname()[1]
        self._service = Service(command, Build(project), template, port, self._log)

    def __enter__(self) -> Functions:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the containers."""
        self._service.close()

    def invoke(self, function: str, event: Any) -> Any:
        """The answer of a function, by its logical id.

        Raises:
            FunctionFailed: It failed.
            InvalidRequest: The project is not built, or no engine answers.
        """
        self._service.ensure()
        self._last_lines.clear()
        url = f"http://{HOST}:{self._service.port}/2015-03-31/functions/{function}/invocations"
        try:
            with urllib.request.urlopen(url, json.dumps(event).encode(), _ANSWER_SECONDS) as response:
                return read_response(response.read().decode(), self._last_lines)
        except urllib.error.HTTPError as error:
            with error:
                raise FunctionFailed(self._why(error.read().decode(errors="replace"))) from error
        except OSError as error:
            raise FunctionFailed(self._why(str(error))) from error

    def _why(self, message: str) -> str:
        return message if self._show else "\n".join((message, *self._last_lines))

    def _log(self, line: str) -> None:
        self._last_lines.append(line)
        if self._show:
            self._show(line)
