"""How right sets are known in sequences that are easily taken for something else.

``python -m tests.bench.pick.sequences`` makes them of photographs of NIMA_SHARED_DATA. Groups and verdicts are those of
``nima pick``, of frames that all have one score.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np
from PIL import ImageStat
from rich.console import Console
from rich.progress import track
from rich.table import Table

from nima.image.decode import read_picture
from nima.image.limits import Limits
from nima.shoot.capture import Capture
from nima.shoot.frames import Frame
from nima.shoot.groups import Rules, group
from nima.shoot.picks import PICK, REJECT, Quota, choose
from tests.bench.judgement.sources import ROOT, drawn, photographs
from tests.bench.pick.cases import BARE, CASES, EITHER, Taken
from tests.shoots import frame

_SIDE, _LEAST_SIDE, _SEEN = 900, 400, 2.0
_COLLECTIONS = ("camera", "kodak")


@click.command(help=__doc__)
@click.option("--data", envvar="NIMA_SHARED_DATA", default=ROOT.parent / "shared/data", type=click.Path(path_type=Path))
@click.option("--photographs", "count", default=30, show_default=True)
@click.option("--seed", default=1, show_default=True)
@click.option("--only", default="", help="Cases whose name holds this.")
@click.option("--wrong", is_flag=True, help="List the sequences that were not told right.")
def main(data: Path, count: int, seed: int, only: str, wrong: bool) -> None:
    rng = np.random.default_rng(seed)
    sources = [one for one in photographs((ROOT / data / "photos").resolve()) if one.collection in _COLLECTIONS]
    pictures = []
    for one in drawn(sources, 10 * count)[::10] if len(sources) > 10 * count else drawn(sources, count):
        picture = read_picture(one.path.read_bytes(), Limits()).frame.convert("RGB")
        picture.thumbnail((_SIDE, _SIDE))
        if min(picture.size) >= _LEAST_SIDE and ImageStat.Stat(picture.convert("L")).stddev[0] >= _SEEN:
            pictures.append(picture)
    table = Table("Sequence", "there", "right", "sets broken", "called a set", "nothing picked")
    console = Console(width=100)
    for name, make in {**CASES, **BARE}.items():
        if only not in name:
            continue
        counts: Counter[str] = Counter()
        for place, picture in enumerate(track(pictures, name, console=Console(stderr=True), transient=True)):
            taken = list(make(picture, pictures[(place + len(pictures) // 2) % len(pictures)], rng))
            found = told(taken)
            counts += found
            if wrong and not found["right"]:
                console.print(f"{name} {place}: {dict(found)} {shown(taken)}")
        table.add_row(name, *(str(counts[key]) for key in ("there", "right", "broken", "mistaken", "unpicked")))
    console.print(table)


def told(taken: Sequence[Taken]) -> Counter[str]:
    """Whether a sequence is told right: every set whole and of its kind, and nothing else a set; else how not."""
    frames = framed(taken)
    parts = {one.name: shot.part for one, shot in zip(frames, taken, strict=True)}
    groups = group(frames, Rules())
    verdicts = {one.frame.name: one.verdict for one in choose(groups, Quota())}
    either = {name for name, part in parts.items() if part == EITHER}
    kinds = {frozenset({f.name for f in one.frames} - either): one.kind for one in groups}
    units: dict[object, set[str]] = defaultdict(set)
    for name in parts.keys() - either:
        units[parts[name]].add(name)
    right = all(kinds.get(frozenset(names)) == part[0] for part, names in units.items() if part)  # type: ignore[index]
    loose = units[None]
    mistaken = any(one.is_set and loose & {f.name for f in one.frames} for one in groups)
    broken = any(part and len({verdicts[name] == REJECT for name in names}) > 1 for part, names in units.items())
    bursts = [{f.name for f in one.frames} for one in groups if not one.is_set]
    unpicked = bool(loose) and not any(verdicts[name] == PICK for those in bursts for name in those & loose)
    return Counter(there=1, right=right and not mistaken, broken=broken, mistaken=mistaken, unpicked=unpicked)


def framed(taken: Sequence[Taken]) -> list[Frame]:
    """Its frames, as ``nima pick`` has them of files."""
    frames = []
    for number, one in enumerate(taken):
        name = f"{one.name or f'IMG_{number:04d}'}.jpg"
        if one.said.get("bare"):
            made = frame(name, one.picture, None)
            frames.append(Frame(name, made.assessment, Capture(), made.look))
        else:
            frames.append(frame(name, one.picture, one.at, **one.said))
    return frames


def shown(taken: Sequence[Taken]) -> str:
    return ", ".join(f"{one.kind} {[f.name[4:8] for f in one.frames]}" for one in group(framed(taken), Rules()))


if __name__ == "__main__":
    main()
