"""From folders of clean pictures to a model's learned reasons."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from nima.errors import InvalidRequest
from nima.image import numbers
from nima.model.gates import Gates
from nima.model.manifest import Manifest
from nima.model.reasons import Reasons
from nima.training.reasons.examples import Source
from nima.training.reasons.learn import RATES, Learned, Rates, learn, packed, unpacked
from nima.training.reasons.rows import measure
from nima.training.reasons.strengths import CODES
from nima.training.reasons.trees import Growth, Trees
from nima.training.trainer.claim import claim
from nima.whole import whole

FILE = "reasons.npz"
LEAST_PICTURES = 100
"""Fewest clean photographs that reasons are learned from."""

_BEHIND = 80
_TURNS = 6


@dataclass(frozen=True)
class Task:
    """What reasons are learned from.

    Attributes:
        photographs: Clean ones.
        goods: Goods on white, or cut out; each is used several times, laid out in other ways.
        groups: What a picture must not be parted from, by its path; else each is its own group.
        seed: Of all chance.
    """

    photographs: Sequence[Path]
    goods: Sequence[Path] = ()
    groups: Mapping[Path, str] = field(default_factory=dict)
    seed: int = 1

    @property
    def sources(self) -> list[Source]:
        """Each photograph once, and goods in every turn; those of goods spread among the others."""
        photographs = [Source(path, self._group(path)) for path in self.photographs]
        goods = [Source(path, self._group(path), True, turn) for turn in range(_TURNS) for path in self.goods]
        every = max(1, len(photographs) // max(1, len(goods)))
        mixed: list[Source] = []
        rest = iter(goods)
        for place, source in enumerate(photographs):
            mixed += [source, *([one] if place % every == 0 and (one := next(rest, None)) else [])]
        return [*mixed, *rest]

    def _group(self, path: Path) -> str:
        return self.groups.get(path, path.name)


def _numbers() -> str:
    """Changes with how numbers are measured: rows that were kept are of one way only."""
    digest = hashlib.sha256()
    for path in sorted(Path(numbers.__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def train(
    task: Task,
    out: Path,
    model: Path,
    *,
    workers: int = 1,
    growth: Growth | None = None,
    rates: Mapping[str, Rates] = RATES,
    tick: Callable[[str, int, int], None] = lambda *_: None,
    only: Collection[str] = CODES,
) -> dict[str, Learned]:
    """Measures examples, learns gates and puts them into a model's folder, which gets another version by them.

    Args:
        task: What is learned from.
        out: The run's folder, which keeps what is measured: a run that was stopped goes on.
        model: The model's folder.
        workers: Processes.
        growth: How trees grow.
        rates: What thresholds are chosen by, of each group of pictures.
        tick: Called with what is done, and how many of how many.
        only: The codes to learn; of all others the model keeps what it has.

    Raises:
        InvalidRequest: There are too few photographs, or no examples of what is to be learned, or the folder is of
            another run.
    """
    if len(task.photographs) < LEAST_PICTURES:
        raise InvalidRequest(f"Reasons need at least {LEAST_PICTURES} clean photographs, not {len(task.photographs)}.")
    manifest = Manifest.read(model)
    growth = growth or Growth()
    out.mkdir(parents=True, exist_ok=True)
    made = {
        "seed": task.seed,
        "pictures": hashlib.sha256("\n".join(map(str, (*task.photographs, *task.goods))).encode()).hexdigest(),
        "numbers": _numbers(),
        "growth": asdict(growth),
        "rates": {group: asdict(of) for group, of in rates.items()},
    }
    claim(out / "reasons.json", made, "the rows of other pictures or settings")
    rows = measure(
        task.sources,
        task.photographs[:_BEHIND],
        out / "rows",
        seed=task.seed,
        workers=workers,
        tick=lambda done, total: tick("pictures", done, total),
    )
    learned = learn(rows, growth, rates, tick, only)
    if set(only) != set(CODES) and (missing := set(only) - set(learned)):
        raise InvalidRequest(f"There are no examples of {', '.join(sorted(missing))}: some are made of goods alone.")
    trees, thresholds = _kept(model, manifest, rows.names, only)
    trees |= {code: each.trees for code, each in learned.items()}
    thresholds |= {code: dict(each.thresholds) for code, each in learned.items()}
    content = packed({code: trees[code] for code in CODES if code in trees}, rows.names)
    with whole(model / FILE) as part:
        part.write_bytes(content)
    reasons = Reasons(FILE, hashlib.sha256(content).hexdigest(), len(content), thresholds)
    replace(manifest, reasons=reasons).renewed().write(model)
    return learned


def _kept(
    model: Path, manifest: Manifest, names: tuple[str, ...], learned: Collection[str]
) -> tuple[dict[str, Trees], dict[str, Mapping[str, tuple[float, float]]]]:
    """Trees and thresholds that the model has of what is not learned anew."""
    if not manifest.reasons or set(learned) == set(CODES):
        return {}, {}
    Gates.read(model, manifest.reasons)
    trees = unpacked((model / manifest.reasons.file).read_bytes(), names)
    return (
        {code: each for code, each in trees.items() if code not in learned},
        {code: each for code, each in manifest.reasons.thresholds.items() if code not in learned},
    )
