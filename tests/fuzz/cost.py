"""What an input costs: processor time and memory of this process and of its decoders, as Linux tells them in /proc."""

from __future__ import annotations

import resource
import time
from pathlib import Path

from nima.image import isolated

MOST_SECONDS, MOST_BYTES = 5.0, 500e6
_TICKS = 100


def seconds() -> float:
    """Processor time so far."""
    ended, pid = resource.getrusage(resource.RUSAGE_CHILDREN), isolated.the_decoder.pid
    running = 0.0
    if pid:
        times = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        running = sum(map(int, times)) / _TICKS
    return time.process_time() + ended.ru_utime + ended.ru_stime + running


def forget_peaks() -> None:
    """Lets ``peak`` begin anew."""
    for process in _processes():
        (process / "clear_refs").write_text("5")


def held() -> int:
    """Memory that is held now, in bytes."""
    return _sum("VmRSS")


def peak() -> int:
    """The most memory that was held since, in bytes."""
    return _sum("VmHWM")


def _sum(name: str) -> int:
    lines = [line for p in _processes() for line in (p / "status").read_text().splitlines() if line.startswith(name)]
    return sum(int(line.split()[1]) * 1024 for line in lines)


def _processes() -> list[Path]:
    pid = isolated.the_decoder.pid
    return [Path("/proc/self"), *([Path(f"/proc/{pid}")] if pid else [])]
