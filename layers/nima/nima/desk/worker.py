"""The process that judges pictures for another one: it reads where they are from its input and writes answers."""

from __future__ import annotations

import gc
import hashlib
import os
import queue
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from nima.desk.answer import Answer
from nima.desk.cache import Cache, Seen
from nima.desk.judging import Judging
from nima.desk.metadata import exif_of
from nima.document.result import Rejection
from nima.errors import Internal, ModelUnavailable, NimaError
from nima.image.messages import Stream, receive, send
from nima.local.files import read_file
from nima.native import without_info
from nima.shoot.capture import Capture

# A file that was written a moment ago may be written again without its time telling: FAT counts in two seconds. Times
# that are still to come are of cameras whose clock is another one.
_SETTLED_NS = 2_000_000_000


class Worker:
    """Judges files, one after the other, and keeps the answers.

    Args:
        judging: How.
        cache: Where answers are kept; None keeps none.
    """

    def __init__(self, judging: Judging, cache: Cache | None) -> None:
        self._judging = judging
        self._cache = cache
        self._assessor = judging.assessor()
        with without_info():
            self._assessor.model.get()

    def answer(self, path: Path, seen: Seen | None = None) -> bytes:
        """What is said of a file, as ``Answer.to_bytes`` writes it.

        Args:
            path: The file.
            seen: What it stands for where it is a copy.

        Raises:
            ModelUnavailable: No picture can be judged.
        """
        begun, before = time.time_ns(), _seen(path)
        try:
            data = read_file(path, self._judging.limits)
        except NimaError as error:
            return Answer(Capture(), error=Rejection.of(error)).to_bytes()
        if self._cache is None:
            return self._judge(data).to_bytes()
        content = hashlib.blake2b(data, digest_size=20).digest()
        if seen or (before and before == _seen(path) and abs(begun - int(before.stamp)) > _SETTLED_NS):
            self._cache.remember(cast(Seen, seen or before), content)
        maker, parts = self._judging.maker(path), self._judging.parts
        known = self._cache.answer(content, maker, parts)
        if known is None:
            found = self._judge(data)
            known = found.to_bytes()
            if found.assessment:  # what a file is refused for may be mended
                self._cache.keep(content, maker, parts, known)
        return known

    def _judge(self, data: bytes) -> Answer:
        capture = Capture.of(exif_of(data))
        try:
            return Answer(capture, self._assessor.assess(data, self._judging.style, self._judging.weights))
        except ModelUnavailable:
            raise
        except NimaError as error:
            return Answer(capture, error=Rejection.of(error))
        except Exception as error:
            return Answer(capture, error=Rejection.of(Internal(f"The picture could not be judged: {error!r}.")))


def _seen(path: Path) -> Seen | None:
    with suppress(OSError, ValueError):
        return Seen.of(path, path.stat())
    return None


def main() -> None:
    """Answers until the input ends, which it does when the process that asks has ended."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a library that prints must not speak in between
    tasks: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_take, args=(sys.stdin.buffer, tasks), daemon=True).start()
    warnings: list[str] = []
    try:
        worker = _begin(tasks.get(), warnings)
        gc.freeze()  # what is loaded is not looked through for each picture
        send(answers, {})
        while True:
            given = tasks.get()
            answer = worker.answer(Path(given["path"]), given["seen"] and Seen.from_json(given["seen"]))
            send(answers, {"warnings": warnings}, answer)
            warnings.clear()
    except ModelUnavailable as error:
        send(answers, {"unavailable": [error.message, error.detail]})


def _take(questions: Stream, tasks: queue.SimpleQueue[dict[str, Any]]) -> None:
    """Takes tasks as they come, so that the end of who gives them is seen in the middle of one."""
    with suppress(EOFError, OSError):
        while True:
            tasks.put(receive(questions)[0])
    os._exit(0)


def _begin(given: Mapping[str, Any], warnings: list[str]) -> Worker:
    cache = given["cache"]
    return Worker(Judging.from_json(given["judging"]), Cache(Path(cache), warnings.append) if cache else None)
