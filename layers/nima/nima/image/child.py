"""The process that decodes for another one: it reads files from its input and writes pictures to its output."""

from __future__ import annotations

import math
import os
import resource
import signal
import sys
from dataclasses import dataclass

from nima.errors import Internal, NimaError, TooManyPixels
from nima.image.decode import Picture, decode_picture, register_decoders
from nima.image.limits import Limits
from nima.image.wire import receive, send, send_answer

# Processor time for what stands around the pixels, and for each million of them, in seconds.
_SECONDS, _SECONDS_PER_MEGAPIXEL = 1, 0.2
_THREADS = 2


@dataclass(frozen=True)
class EnforcedLimits(Limits):
    """Limits that the operating system enforces on this process as well."""

    def check_decoder(self, format: str, width: int, height: int, bytes_per_pixel: float = 0) -> None:
        super().check_decoder(format, width, height, bytes_per_pixel)
        _allow_seconds(_SECONDS + _SECONDS_PER_MEGAPIXEL * width * height / 1e6)


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
            limits, data = receive(questions)
        except EOFError:
            return
        send_answer(answers, _answer(data, EnforcedLimits(**limits)))


def _answer(data: bytes, limits: Limits) -> Picture | NimaError:
    _allow_seconds(_SECONDS)
    try:
        return decode_picture(data, limits)
    except NimaError as error:
        return error
    except MemoryError as error:
        return TooManyPixels("The picture needs more memory to decode than it is given.", detail=repr(error))
    except Exception as error:
        return Internal("The decoder failed.", detail=repr(error))


def _allow_seconds(seconds: float) -> None:
    """The kernel ends this process when it has used so much more processor time."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = math.ceil(used.ru_utime + used.ru_stime + seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.getrlimit(resource.RLIMIT_CPU)[1]))
