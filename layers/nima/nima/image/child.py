"""The process that decodes for another one: it reads files from its input and writes pictures to its output."""

from __future__ import annotations

import math
import os
import resource
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nima.errors import Internal, NimaError, TooManyPixels
from nima.image.decode import Picture, decode_picture, register_decoders
from nima.image.limits import MEBIBYTE, Limits, Need
from nima.image.messages import receive, send
from nima.image.wire import send_answer
from nima.native import silent

# Processor time, in seconds: for any file, and for each million of its bytes and of its pixels. Twice what the slowest
# decoder, that of HEIC, was measured to take.
_SECONDS, _SECONDS_PER_MEGABYTE, _SECONDS_PER_MEGAPIXEL = 1, 0.15, 0.06
# What a header may take; and what the kernel counts beyond what is used: the threads' stacks, and gaps in the heap.
_HEADER_BYTES, _SPARE_BYTES = 32 * MEBIBYTE, 64 * MEBIBYTE
_THREADS = 2


@dataclass(frozen=True)
class EnforcedLimits(Limits):
    """Limits that the operating system enforces on this process as well.

    Attributes:
        size: Bytes of the file.
        held: Bytes of private memory that the process holds before the picture; 0 where nothing tells, as on macOS,
            and memory is not limited.
    """

    size: int = 0
    held: int = 0

    def check_memory(self, format: str, width: int, height: int, need: Need) -> None:
        """Also gives the process the time and the memory that a picture of this size needs, and no more."""
        super().check_memory(format, width, height, need)
        pixels = width * height
        self.give(pixels, need.total(pixels) - need.processes)

    def give(self, pixels: int, size: int) -> None:
        """Lets the process work for so many pixels from now on, and hold so many bytes more than it held."""
        used = resource.getrusage(resource.RUSAGE_SELF)
        seconds = _SECONDS + _SECONDS_PER_MEGABYTE * self.size / 1e6 + _SECONDS_PER_MEGAPIXEL * pixels / 1e6
        _limit(resource.RLIMIT_CPU, math.ceil(used.ru_utime + used.ru_stime + seconds))
        if self.held:
            _limit(resource.RLIMIT_DATA, self.held + size + _SPARE_BYTES)


def main() -> None:
    """Answers until the input ends, which it does when the process that asks has ended."""
    questions = sys.stdin.buffer
    # A library that prints must not speak in between.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for limit in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE):
        resource.setrlimit(limit, (0, 0))
    register_decoders(_THREADS)
    send(answers, {})
    while True:
        try:
            facts, data = receive(questions)
        except EOFError:
            return
        send_answer(answers, _answer(data, facts))
        del data
        _limit(resource.RLIMIT_DATA, resource.RLIM_INFINITY)


def _answer(data: bytes, facts: dict[str, Any]) -> Picture | NimaError:
    raw = facts.pop("raw")
    try:
        decode = _raw_decoder(raw) if raw else decode_picture  # a library that is loaded now counts as held
        limits = EnforcedLimits(**facts, size=len(data), held=held_bytes())
        limits.give(0, _HEADER_BYTES + 2 * len(data))
        return decode(data, limits)
    except NimaError as error:
        return error
    except MemoryError as error:
        return TooManyPixels("The picture takes more memory to decode than there is for its size.", detail=repr(error))
    except Exception as error:
        return Internal("The decoder failed.", detail=repr(error))


def _raw_decoder(reading: str) -> Callable[[bytes, Limits], Picture]:
    from nima.image.raw.develop import decode_raw, load

    load()

    def decode(data: bytes, limits: Limits) -> Picture:
        with silent():  # what LibRaw writes to standard error it also raises
            return decode_raw(data, limits, reading)

    return decode


def _limit(which: int, most: int) -> None:
    """Sets what the kernel lets this process take, as far as whoever started it allows that."""
    hard = resource.getrlimit(which)[1]
    soft = most if hard == resource.RLIM_INFINITY else hard if most == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(which, (soft, hard))


def held_bytes() -> int:
    """Private memory that this process may write to, in bytes; 0 where nothing tells."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
    except OSError:
        return 0
