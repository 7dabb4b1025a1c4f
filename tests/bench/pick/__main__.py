"""How right the picks of a shoot are, on shoots whose right answer is known.

``python -m tests.bench.pick`` makes them of photographs of NIMA_SHARED_DATA; with ``--raw`` one of 200 camera RAW files
of made-up scenes, which needs no such data. Both are sorted by ``nima pick``, as somebody types it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import click
import numpy as np
from PIL import Image, ImageStat
from rich.console import Console
from rich.progress import track
from rich.table import Table

from nima.image.decode import read_picture
from nima.image.limits import Limits
from tests.bench.judgement.sources import ROOT, drawn, photographs
from tests.bench.pick.measures import Found, Truth, missed_by, mistaken, pairs, percent, picks, tied, verdicts, whole
from tests.bench.pick.units import CLEAN, SPOILT, UNITS, Shot
from tests.pictures import scene

RAW_UNITS = {"even burst": 8, "bracket": 14, "stack": 8, "panorama": 6, "single": 100}
"""Of a shoot of camera RAW; singles fill it up."""

_LEAST_SIDE = 400
# Levels by which the pixels of a picture differ where it shows anything: one of them was taken with the cap on.
_SEEN = 2.0
_SOON, _LATER = 1.4, 20.0
_COLLECTIONS = ("camera", "kodak")
_RAW_SIZE = (900, 600)


@click.command(help=__doc__)
@click.option("--data", envvar="NIMA_SHARED_DATA", default=ROOT.parent / "shared/data", type=click.Path(path_type=Path))
@click.option("--photographs", "count", default=60, show_default=True)
@click.option("--raw", type=int, is_flag=False, flag_value=200, help="A shoot of so many camera RAW files instead.")
@click.option("--seed", default=1, show_default=True)
@click.option(
    "--wrong", is_flag=True, help="List the units that were not one group, and bursts whose pick is a spoilt frame."
)
@click.argument("options", nargs=-1)
def main(data: Path, count: int, raw: int | None, seed: int, wrong: bool, options: tuple[str, ...]) -> None:
    rng = np.random.default_rng(seed)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "shoot"
        folder.mkdir()
        truths = _raw_shoot(folder, raw, rng) if raw else _shoot(folder, (ROOT / data / "photos").resolve(), count, rng)
        started = time.perf_counter()
        found = _sorted(folder, Path(place), options)
        taken = time.perf_counter() - started
        if raw:
            _check_undo(folder, Path(place), truths)
    _show(truths, found, taken)
    if wrong:
        _list_wrong(truths, found)


def _shoot(folder: Path, photos: Path, count: int, rng: np.random.Generator) -> dict[str, Truth]:
    """Of each photograph a unit of every kind, by turns; some begin right after the one before, some show what an
    earlier one has shown."""
    sources = drawn([one for one in photographs(photos) if one.collection in _COLLECTIONS], count)
    pictures = [read_picture(one.path.read_bytes(), Limits()).frame for one in sources]
    pictures = [
        one for one in pictures if min(one.size) >= _LEAST_SIDE and ImageStat.Stat(one.convert("L")).stddev[0] >= _SEEN
    ]
    plan = [(kind, picture) for kind in UNITS for picture in pictures]
    order = rng.permutation(len(plan))
    return _taken(folder, ((*plan[index], False) for index in order), rng)


def _raw_shoot(folder: Path, count: int, rng: np.random.Generator) -> dict[str, Truth]:
    plan = [kind for kind, number in RAW_UNITS.items() for _ in range(number * count // 200)]
    sets = [kind for kind in plan if kind != "single"]
    kinds = [sets[index] for index in rng.permutation(len(sets))] + ["single"] * plan.count("single")

    def units() -> Iterator[tuple[str, Image.Image, bool]]:
        for number, kind in enumerate(kinds):
            size = (2 * _RAW_SIZE[0], 2 * _RAW_SIZE[1]) if kind == "panorama" else _RAW_SIZE
            yield kind, scene(*_RAW_SIZE, seed=number).resize(size), True

    return _taken(folder, units(), rng, count)


def _taken(
    folder: Path, units: Iterator[tuple[str, Image.Image, bool]], rng: np.random.Generator, most: int | None = None
) -> dict[str, Truth]:
    """Writes the files of units, one after the other; every third of RAW has a JPEG beside it."""
    truths: dict[str, Truth] = {}
    start = 0.0
    console = Console(stderr=True)
    for number, (kind, picture, raw) in enumerate(track(units, "shoot", console=console, transient=True)):
        shots = list(UNITS[kind](picture, rng))
        if most and len(truths) + len(shots) > most:
            continue
        beside = raw and number % 3 == 0
        for shot in shots:
            name = _write(folder, f"IMG_{len(truths):04d}", shot, start, raw=raw, beside=beside)
            truths[name] = Truth(number, kind, shot.what, shot.by)
        start += shots[-1].at + (_SOON if rng.random() < 0.5 else _LATER)
    return truths


def _write(folder: Path, stem: str, shot: Shot, start: float, *, raw: bool, beside: bool) -> str:
    if raw:
        (folder / f"{stem}.dng").write_bytes(shot.dng(start))
    if beside or not raw:
        (folder / f"{stem}.jpg").write_bytes(shot.jpeg(start))
    return f"{stem}.{'jpg' if beside or not raw else 'dng'}"


def _nima(place: Path, *arguments: str) -> str:
    homes = {"XDG_DATA_HOME": str(place / "data"), "XDG_CACHE_HOME": str(place / "cache")}
    command = [sys.executable, "-m", "nima.cli", *arguments]
    return subprocess.run(command, env=os.environ | homes, check=True, stdout=subprocess.PIPE, text=True).stdout


def _sorted(folder: Path, place: Path, options: tuple[str, ...]) -> dict[str, Found]:
    told = _nima(place, "pick", str(folder), "--move-rejects", str(place / "rejects"), "--format", "json", *options)
    found = [json.loads(line) for line in told.splitlines()]
    return {
        one["filename"]: Found(
            one["group"],
            one["kind"],
            one["verdict"],
            " ".join(reason["message"] for reason in one["reasons"]),
            one.get("confidence"),
            {reason["code"]: reason["measure"] for reason in one["reasons"] if "measure" in reason},
        )
        for one in found
    }


def _check_undo(folder: Path, place: Path, truths: dict[str, Truth]) -> None:
    left = {path.name for path in folder.iterdir()}
    _nima(place, "undo")
    back = {path.name for path in folder.iterdir()}
    click.echo(f"{len(back)} files; {len(back - left)} were moved, and nima undo moved them back.")
    if not set(truths) <= back:
        raise SystemExit("some were lost")


def _list_wrong(truths: dict[str, Truth], found: dict[str, Found]) -> None:
    for unit in sorted({one.unit for one in truths.values()}):
        names = [name for name, one in truths.items() if one.unit == unit]
        groups = {found[name].group for name in names}
        others = [name for name, one in found.items() if one.group in groups and name not in names]
        if len(groups) > 1 or others:
            told = ", ".join(f"{name} {truths[name].what}: {found[name].kind} {found[name].group}" for name in names)
            click.echo(f"{truths[names[0]].kind}: {told}; with {[(name, truths[name].kind) for name in others]}")
        picked = [name for name in names if found[name].verdict == "pick" and truths[name].what != CLEAN]
        if truths[names[0]].kind in SPOILT and picked:
            click.echo("spoilt frames that were picked:")
            for name in names:
                click.echo(f"  {found[name].verdict:9} {truths[name].what:15} {name}: {found[name].why}")


def _show(truths: dict[str, Truth], found: dict[str, Found], taken: float) -> None:
    console = Console(width=100)
    precision, recall = pairs(truths, found)
    console.print(f"{len(truths)} shots in {len({one.unit for one in truths.values()})} units, {taken:.0f} s.")
    console.print(
        f"Pairs in one group: {100 * precision:.1f}% of them right, {100 * recall:.1f}% of the right ones found."
    )
    table = Table("Set", "there", "whole, of its kind", "broken")
    for kind, counts in whole(truths, found).items():
        table.add_row(kind, str(counts["there"]), str(counts["recognised"]), str(counts["broken"]))
    console.print(table)
    console.print(f"{mistaken(truths, found)} groups of other frames were called sets.")
    for kind in SPOILT:
        _show_picks(console, truths, found, kind)
    for code, errors in missed_by(truths, found).items():
        console.print(f"{code}: said {len(errors)} times, off by {np.median(errors):.2f}, at most {max(errors):.2f}.")


def _show_picks(console: Console, truths: dict[str, Truth], found: dict[str, Found], kind: str) -> None:
    chosen = picks(truths, found, kind)
    if not chosen:
        return
    table = Table(f"Frame of a {kind}", "share of the picks", "pick", "alternate", "reject")
    for what, counts in verdicts(truths, found, kind).items():
        numbers = [str(counts[verdict]) for verdict in ("pick", "alternate", "reject")]
        table.add_row(what, percent(chosen[what], chosen.total()), *numbers)
    console.print(table)
    console.print(f"The clean one ties with another that is picked: {tied(truths, found, kind)} times.")


if __name__ == "__main__":
    main()
