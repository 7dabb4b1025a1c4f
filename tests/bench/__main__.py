"""Measures everything in one run and prints it beside its goal. Exit code 1 if a goal is missed."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

import click
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

ROOT = Path(__file__).resolve().parents[2]
COLD_RUNS = 5
# The query function's settings and a region; nothing is called.
ENVIRONMENT = {
    "TABLE_NAME": "bench",
    "BUCKET_NAME": "bench",
    "THUMBNAIL_BUCKET_NAME": "bench",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "POWERTOOLS_SERVICE_NAME": "nima",
    "POWERTOOLS_TRACE_DISABLED": "true",
}


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    what: str
    goal: str
    measured: str
    met: bool


class Bench:
    """Runs the probes, each in fresh processes, and shows how far it is."""

    def __init__(self, folder: Path, progress: Progress, cold_runs: int) -> None:
        self._folder = folder
        self._progress = progress
        self._cold_runs = cold_runs
        self._task = progress.add_task("", total=1 + 5 + 3 * (cold_runs + 1))

    def run(self) -> dict[str, dict[str, Any]]:
        """The figures of every probe, by its name."""
        figures = {"parity": self._process("models and pictures", "tests.bench.workshop")}
        for name in ("warm", "warm_tensorflow", "memory", "memory_tensorflow", "api"):
            figures[name] = self._probe(name)
        # In turns, so that a busy moment hits all; the first turn only fills the file cache.
        repeated = ("cold", "cold_tensorflow", "query_import")
        turns = [{name: self._probe(name) for name in repeated} for _ in range(self._cold_runs + 1)][1:]
        for name in repeated:
            figures[name] = {**turns[0][name], "seconds": median(turn[name]["seconds"] for turn in turns)}
        return figures

    def _probe(self, name: str) -> dict[str, Any]:
        return self._process(name.replace("_", " "), "tests.bench.probes", name)

    def _process(self, title: str, module: str, *arguments: str) -> dict[str, Any]:
        self._progress.update(self._task, description=title)
        finished = subprocess.run(
            [sys.executable, "-m", module, *arguments, str(self._folder)],
            cwd=ROOT,
            env={**os.environ, **ENVIRONMENT},
            capture_output=True,
            text=True,
            check=False,
        )
        if finished.returncode:
            raise click.ClickException(f"{module} {' '.join(arguments)} failed:\n{finished.stderr[-2000:]}")
        self._progress.advance(self._task)
        answer: dict[str, Any] = json.loads(finished.stdout.splitlines()[-1])
        return answer


def rows(figures: dict[str, dict[str, Any]]) -> list[Row]:
    """The table that the figures make."""
    cold, cold_tf = figures["cold"]["seconds"], figures["cold_tensorflow"]["seconds"]
    warm, warm_tf, bare = (
        figures["warm"]["seconds"],
        figures["warm_tensorflow"]["seconds"],
        figures["warm"]["bare_seconds"],
    )
    memory, memory_tf = figures["memory"]["megabytes"], figures["memory_tensorflow"]["megabytes"]
    query, parity, api = figures["query_import"], figures["parity"], figures["api"]
    heavy = ", ".join(query["heavy"]) or "nothing heavy"
    return [
        Row(
            "import + model load + first score, cold process",
            ">= 15x faster than the TensorFlow evaluator; <= 0.5 s",
            f"{cold_tf / cold:.1f}x faster; {cold:.2f} s (TensorFlow: {cold_tf:.2f} s)",
            cold_tf / cold >= 15 and cold <= 0.5,
        ),
        Row(
            "warm, 12 MP JPEG, decode to full document",
            ">= 5x faster; within 1.5x of decode + inference alone",
            f"{warm_tf / warm:.1f}x faster; {warm / bare:.2f}x "
            f"({warm * 1e3:.0f} ms; TensorFlow: {warm_tf * 1e3:.0f} ms; decode + inference: {bare * 1e3:.0f} ms)",
            warm_tf / warm >= 5 and warm / bare <= 1.5,
        ),
        Row(
            "peak memory, 50 MP JPEG",
            "<= 200 MB",
            f"{memory:.0f} MB (TensorFlow: {memory_tf:.0f} MB)",
            memory <= 200,
        ),
        Row(
            "query function import",
            "<= 0.3 s, without numpy, Pillow, LiteRT, TensorFlow",
            f"{query['seconds']:.2f} s, with {heavy}",
            query["seconds"] <= 0.3 and not query["heavy"],
        ),
        Row(
            "GET /images/{key} on the local stack, over HTTP",
            "measured",
            f"p50 {api['p50'] * 1e3:.0f} ms, p99 {api['p99'] * 1e3:.0f} ms; {api['per_second']:.0f} a second",
            True,
        ),
        Row(
            "LiteRT vs Keras",
            "every probability within 1e-5, every mean within 1e-4",
            f"{parity['probability']:.1e}, {parity['mean']:.1e} on {parity['pictures']} pictures",
            parity["probability"] <= 1e-5 and parity["mean"] <= 1e-4,
        ),
    ]


@click.command()
@click.option("--json", "target", type=click.Path(dir_okay=False, path_type=Path), help="Also write the figures here.")
@click.option("--runs", type=click.IntRange(1), default=COLD_RUNS, show_default=True, help="Cold starts of each kind.")
def main(target: Path | None, runs: int) -> None:
    """Measure the project beside a TensorFlow evaluator on this machine (some minutes)."""
    console = Console()
    columns = (MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with tempfile.TemporaryDirectory(prefix="nima-bench-") as folder, Progress(*columns, console=console) as progress:
        figures = Bench(Path(folder), progress, runs).run()
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    machine = f"Python {platform.python_version()}, {platform.machine()}, {processors} processors"
    result = rows(figures)
    table = Table("", "goal", "measured", "", title=machine, show_lines=True)
    for row in result:
        table.add_row(row.what, row.goal, row.measured, "met" if row.met else "[bold]missed[/bold]")
    console.print(table)
    if target:
        document = {"machine": machine, "rows": [asdict(row) for row in result], "figures": figures}
        target.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    if not all(row.met for row in result):
        sys.exit(1)


if __name__ == "__main__":
    main()
