"""Decoding in a child process, for the decoders that a hostile file can crash, stall or make fill the memory.

The first picture of such a format starts the child, which then reads one picture after the other. A file that ends it
is refused, where it ends a new one as well, and the next picture starts another. It is reached by pipes only, because
Lambda has no /dev/shm, which the queues and locks of ``multiprocessing`` need.
"""

from __future__ import annotations

import atexit
import os
import subprocess
from contextlib import suppress
from dataclasses import asdict
from threading import Lock
from typing import Any, cast

from nima.errors import Internal, NimaError, UndecodableImage
from nima.image.decode import Picture
from nima.image.limits import Limits
from nima.image.messages import Stream, receive, send
from nima.image.processes import end, killed_after, start
from nima.image.wire import receive_answer

# The child stops itself by the processor time that it has used; this is for one that waits for ever.
_DEADLINE_S = 25.0
# What an interpreter may need to find its libraries. Credentials are not for the decoders.
_INHERITED = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
# No threads that numpy would start; memory in one place for all threads, and what is free goes back to the system.
_ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": str(1 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 20),
}
# By the kernel for its processor time, or by the deadline.
_STOPPED = {"SIGXCPU", "SIGKILL"}
_BROKEN_OFF = (OSError, EOFError, ValueError)


class Decoder:
    """A child process that decodes. Threads that ask at the same time are answered one after the other.

    Attributes:
        deadline: Seconds after which it is ended where it has not answered.
    """

    def __init__(self) -> None:
        self.deadline = _DEADLINE_S
        self.forget()

    def forget(self) -> None:
        """Begins anew in a fork of this process: the child goes on answering the one that started it."""
        self._lock = Lock()
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process id of the child; None where there is none."""
        return self._child.pid if self._child else None

    def read(self, data: bytes, limits: Limits, raw: str | None = None) -> Picture:
        """Decodes a file as ``read_picture`` does, and raises what that raises.

        Raises:
            UndecodableImage: Also where the file has ended the child, or kept it busy for too long.
            Internal: The child could not be started.
        """
        with self._lock:
            try:
                answer = self._ask(data, {**asdict(limits), "raw": raw})
            except BaseException:
                # Half of an answer may be left in the pipe.
                self.close()
                raise
        if isinstance(answer, NimaError):
            raise answer
        return answer

    def close(self) -> str:
        """Ends the child, if there is one, and tells how it ended."""
        child, self._child = self._child, None
        if child is None:
            return "no process"
        with suppress(OSError):
            cast(Stream, child.stdout).close()
        return end(child)

    def _ask(self, data: bytes, facts: dict[str, Any]) -> Picture | NimaError:
        while True:
            fresh = not self._is_alive()
            child = self._running()
            with killed_after(self.deadline, child):
                try:
                    send(cast(Stream, child.stdin), facts, data)
                    return receive_answer(cast(Stream, child.stdout))
                except _BROKEN_OFF as error:
                    ended, cause = self.close(), repr(error)
            # A crash may come from what an earlier picture did to the child: then a new one reads this picture.
            if fresh or ended in _STOPPED:
                detail = f"{cause}; the decoder ended with {ended}"
                return UndecodableImage("The file is damaged: its decoder had to be stopped.", detail=detail)

    def _is_alive(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._is_alive():
            return self._child
        self.close()
        try:
            child = self._child = _start()
            with killed_after(_DEADLINE_S, child):
                receive(cast(Stream, child.stdout))
        except _BROKEN_OFF as error:
            detail = f"{error!r}; the decoder ended with {self.close()}"
            raise Internal("The decoder could not be started.", detail=detail) from error
        return child


def _start() -> subprocess.Popen[bytes]:
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return start("nima.image.child", ["-B"], inherited | _ENVIRONMENT, cwd="/")


the_decoder = Decoder()
atexit.register(the_decoder.close)
if hasattr(os, "register_at_fork"):  # Windows has no forks
    os.register_at_fork(after_in_child=the_decoder.forget)


def read_isolated(data: bytes, limits: Limits, raw: str | None = None) -> Picture:
    """``Decoder.read`` in the one child of this process."""
    return the_decoder.read(data, limits, raw)
