"""The bench of ``nima score`` on a small shoot: what it counts holds for any size; times are `make bench-scan`'s."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_a_small_shoot_is_scored_within_memory_and_gone_on_with(shared: Path) -> None:
    command = [sys.executable, "-m", "tests.bench.scan", "--pictures", "60", "--no-keras"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=None, check=False)
    assert done.returncode in (0, 1), done.stderr
    told = " ".join(re.findall(r"[\w.,≤≥/]+", done.stdout))
    assert re.search(r"peak memory of all processes \d+ MB ≤ 500 MB met", told), done.stdout
    assert re.search(r"rows 60, 60 60 met", told), done.stdout
    assert re.search(r"0 of them made again 0 met", told), done.stdout
    assert float(re.search(r"second run ([\d.]+) s", told)[1]) < 5  # type: ignore[index]
