"""The manifest of a model folder: what the model is, which files it has and how pictures are prepared for it.

A model is a folder with ``manifest.json`` and one or two ``.tflite`` files. Each file states the heads it answers for,
in the order of its output tensors; together they answer for every head that a model must have, and for each
head once at most.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from nima.errors import ModelUnavailable
from nima.heads import HEADS as KNOWN
from nima.heads import REQUIRED
from nima.whole import whole

HEADS = REQUIRED
"""The heads that every model answers for."""
FILE_NAME = "manifest.json"
KERNELS = ("nearest", "box", "bilinear", "hamming", "bicubic", "lanczos")
SCORES = 10


@dataclass(frozen=True)
class ModelFile:
    """One LiteRT file: its name in the folder, its SHA-256 (hex), its size and the heads of its outputs, in order."""

    path: str
    sha256: str
    bytes: int
    heads: tuple[str, ...]


@dataclass(frozen=True)
class InputSpec:
    """How a picture becomes the input tensor ``[1, height + tile, width, 3]``.

    The picture is brought, antialiased, to at most ``canonical`` pixels on its long side, sampled with ``kernel`` to
    ``width`` x ``height`` without keeping the aspect, and each 8-bit value ``v`` becomes ``v * scale + offset``.
    Where ``tile`` is not 0, the middle ``width`` x ``tile`` pixels of the canonical picture lie below, at full detail.
    """

    width: int = 224
    height: int = 224
    canonical: int = 640
    kernel: str = "nearest"
    scale: float = 1 / 127.5
    offset: float = -1.0
    tile: int = 0

    @property
    def shape(self) -> tuple[int, int, int]:
        """Rows, columns and channels of the prepared pixels."""
        return self.height + self.tile, self.width, 3


@dataclass(frozen=True)
class Population:
    """The scores of a stated set of photographs: ``quantiles[i]`` is the i-th percentile of the means, i = 0..100."""

    name: str
    quantiles: tuple[float, ...]

    @classmethod
    def of(cls, name: str, means: Iterable[float]) -> Population:
        """The population of given means.

        Args:
            name: What the photographs are, as it reads after "better than 72 % of".
            means: At least two mean opinion scores, 1..10.

        Raises:
            ValueError: There are fewer, or one is not within 1..10.
        """
        # Only made when a model is; serving need not wait for this import.
        import statistics

        found = sorted(float(mean) for mean in means)
        # NaN fails the comparison wherever it was sorted to.
        if len(found) < 2 or not all(1 <= mean <= SCORES for mean in found):
            raise ValueError("a population needs at least two means from 1 to 10")
        cuts = statistics.quantiles(found, n=100, method="inclusive")
        return cls(name, tuple(round(value, 4) for value in (found[0], *cuts, found[-1])))


@dataclass(frozen=True)
class Golden:
    """What the model answered when its folder was made, so that any machine can tell whether it answers the same.

    The picture is ``numpy.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=numpy.uint8)``.
    """

    seed: int
    distributions: dict[str, tuple[float, ...]]


@dataclass(frozen=True)
class Manifest:
    """The whole manifest. ``id`` and ``version`` name the model in every result it makes.

    ``training`` says how the model was trained: plan, seeds and measured figures for people, and the architecture, from
    which a fine-tuning goes on.
    """

    id: str
    version: str
    description: str
    licence: str
    source: str
    training_data: str
    preprocessing: str
    files: tuple[ModelFile, ...]
    input: InputSpec = field(default_factory=InputSpec)
    population: dict[str, Population] = field(default_factory=dict)
    golden: Golden | None = None
    training: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        heads = sorted(head for file in self.files for head in file.heads)
        if heads != sorted(set(heads) & set(KNOWN)) or not set(HEADS) <= set(heads):
            raise ValueError(f"the files must answer for {HEADS} once each, not for {heads}")
        if self.input.kernel not in KERNELS:
            raise ValueError(f"kernel {self.input.kernel!r} is not one of {KERNELS}")
        if any(Path(file.path).name != file.path for file in self.files):
            raise ValueError("a model file must lie in the model's folder itself")
        for name, population in self.population.items():
            if name not in heads or len(population.quantiles) != 101:
                raise ValueError(f"population {name!r} needs 101 quantiles of one of {heads}")
        golden = self.golden.distributions if self.golden else dict.fromkeys(heads, (0.0,) * SCORES)
        if sorted(golden) != heads or any(len(distribution) != SCORES for distribution in golden.values()):
            raise ValueError(f"the golden scores need {SCORES} probabilities for each of {heads}")

    @property
    def name(self) -> str:
        """Id and version, as people read them."""
        return f"{self.id} {self.version}"

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Manifest:
        """Builds a manifest from a parsed JSON document; ``ValueError``, ``TypeError`` or ``KeyError`` if it is bad."""
        golden = document.get("golden")
        return cls(
            **{
                **document,
                "files": tuple(ModelFile(**{**f, "heads": tuple(f["heads"])}) for f in document["files"]),
                "input": InputSpec(**document["input"]),
                "population": {
                    head: Population(p["name"], tuple(p["quantiles"]))
                    for head, p in document.get("population", {}).items()
                },
                "golden": golden
                and Golden(golden["seed"], {head: tuple(d) for head, d in golden["distributions"].items()}),
            }
        )

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Reads ``folder/manifest.json``.

        Raises:
            ModelUnavailable: There is no manifest in the folder, or it is not a valid one.
        """
        path = folder / FILE_NAME
        try:
            return cls.from_json(json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError as error:
            raise ModelUnavailable("No model is installed.", detail=f"{path} does not exist") from error
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise ModelUnavailable("The model's manifest is invalid.", detail=f"{path}: {error!r}") from error

    def write(self, folder: Path) -> None:
        """Writes ``folder/manifest.json``, whole or not at all."""
        with whole(folder / FILE_NAME) as part:
            part.write_text(json.dumps(self.to_json(), indent=2) + "\n", encoding="utf-8")
