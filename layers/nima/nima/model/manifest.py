"""The manifest of a model folder: what the model is, which files it has and how pictures are prepared for it.

A model is a folder with ``manifest.json`` and one or two ``.tflite`` files, and where it has learned reasons, their
gates. Each file states the heads it answers for,
in the order of its output tensors; together they answer for every head that a model must have, and for each
head once at most.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from itertools import combinations
from pathlib import Path
from typing import Any

from nima.errors import ModelUnavailable
from nima.heads import HEADS as KNOWN
from nima.heads import REQUIRED
from nima.model import seal
from nima.model.agreement import Agreement, Curve
from nima.model.composites import PERCENTILES, Composites
from nima.model.reasons import Reasons
from nima.model.votes import Votes
from nima.whole import whole

HEADS = REQUIRED
"""The heads that every model answers for."""
FILE_NAME = "manifest.json"
KERNELS = ("nearest", "box", "bilinear", "hamming", "bicubic", "lanczos")
SCORES = 10
KINDS = PHOTOGRAPHS, PRODUCTS = "photographs", "products"
"""What populations are of: products are pictures that ``find_product`` finds one in, photographs all others."""

_ALIKE = 1e-6
"""Golden means that are no further apart are those of one and the same network."""


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

    Attributes:
        seed: Of the input ``numpy.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=numpy.uint8)``.
        distributions: What each head answers for it.
        pictures: What each head answers for the picture files of ``nima.model.golden.PICTURES``, by their names.
        network: A hash of what they were measured on, ``nima.model.seal.network_of``.
    """

    seed: int
    distributions: dict[str, tuple[float, ...]]
    pictures: dict[str, dict[str, tuple[float, ...]]] = field(default_factory=dict)
    network: str = ""

    def __post_init__(self) -> None:
        answers = (self.distributions, *self.pictures.values())
        if any(head.keys() != self.distributions.keys() for head in answers) or any(
            len(distribution) != SCORES for answer in answers for distribution in answer.values()
        ):
            raise ValueError(f"golden scores need {SCORES} probabilities for each head")
        means = [
            [sum(score * p for score, p in enumerate(answer[head], 1)) for answer in answers] for head in answers[0]
        ]
        if any(max(map(abs, map(float.__sub__, one, other))) < _ALIKE for one, other in combinations(means, 2)):
            raise ValueError("two heads give the same golden scores: they are one network")

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Golden:
        pictures = {name: _tuples(answer) for name, answer in document.get("pictures", {}).items()}
        return cls(**{**document, "distributions": _tuples(document["distributions"]), "pictures": pictures})


@dataclass(frozen=True)
class Manifest:
    """The whole manifest. ``id`` and ``version`` name the model in every result it makes.

    ``seal`` is the form of the version where that is a hash of the content; empty where the version stands as it was
    given, as earlier releases made it.

    ``votes`` are the output layers of those heads whose own answers are not as people vote. ``population`` is what the
    means of photographs, and where ``products`` has none for a head those of products, are compared with;
    ``composites`` what the stars of ``PHOTOGRAPHS`` and ``PRODUCTS`` are by, ``agreement`` what the confidence is.

    ``reasons`` are learned ones; without them reasons are named by the severities of ``nima.document.defects``.

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
    votes: dict[str, Votes] = field(default_factory=dict)
    population: dict[str, Population] = field(default_factory=dict)
    products: dict[str, Population] = field(default_factory=dict)
    composites: dict[str, Composites] = field(default_factory=dict)
    agreement: dict[str, Agreement] = field(default_factory=dict)
    reasons: Reasons | None = None
    golden: Golden | None = None
    training: dict[str, Any] = field(default_factory=dict)
    seal: str = ""

    def __post_init__(self) -> None:
        heads = sorted(head for file in self.files for head in file.heads)
        if heads != sorted(set(heads) & set(KNOWN)) or not set(HEADS) <= set(heads):
            raise ValueError(f"the files must answer for {HEADS} once each, not for {heads}")
        if self.input.kernel not in KERNELS:
            raise ValueError(f"kernel {self.input.kernel!r} is not one of {KERNELS}")
        if not set(self.votes) <= set(heads):
            raise ValueError(f"votes of {sorted(self.votes)}: the heads are {heads}")
        if any(Path(file.path).name != file.path for file in self.files):
            raise ValueError("a model file must lie in the model's folder itself")
        for name, population in (*self.population.items(), *self.products.items()):
            if name not in heads or len(population.quantiles) != PERCENTILES:
                raise ValueError(f"population {name!r} needs {PERCENTILES} quantiles of one of {heads}")
        if not {*self.composites, *self.agreement} <= set(KINDS):
            raise ValueError(f"composites and agreements are of {KINDS}")
        if self.golden and sorted(self.golden.distributions) != heads:
            raise ValueError(f"the golden scores must be those of {heads}")
        if len({file.sha256 for file in self.files}) < len(self.files):
            raise ValueError("two files are the same")

    @property
    def name(self) -> str:
        """Id and version, as people read them."""
        return f"{self.id} {self.version}"

    @property
    def contents(self) -> dict[str, tuple[str, int]]:
        """Every file of the folder but the manifest: SHA-256 and size by name."""
        gates = {self.reasons.file: (self.reasons.sha256, self.reasons.bytes)} if self.reasons else {}
        return {**{file.path: (file.sha256, file.bytes) for file in self.files}, **gates}

    def population_of(self, head: str, product: bool) -> Population | None:
        """What a head's mean is compared with."""
        return (self.products.get(head) if product else None) or self.population.get(head)

    def composites_of(self, product: bool) -> Composites | None:
        """What the stars of a product, or of any other picture, are by."""
        return (self.composites.get(PRODUCTS) if product else None) or self.composites.get(PHOTOGRAPHS)

    def agreement_of(self, product: bool) -> Agreement | None:
        """How surely the model is right of products, or of other pictures; of neither does the other one tell."""
        return self.agreement.get(PRODUCTS if product else PHOTOGRAPHS)

    def renewed(self, label: str | None = None) -> Manifest:
        """The same under the version that its content has: a hash of all that a result depends on.

        Args:
            label: A name before the hash; None keeps the one that is there.
        """
        if label is None:
            label = seal.label_of(self.version) if self.seal else ""
        return replace(self, version=seal.version_of(self.to_json(), label), seal=seal.CONTENT)

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Manifest:
        """Builds a manifest from a parsed JSON document; ``ValueError``, ``TypeError`` or ``KeyError`` if it is bad."""
        populations = {
            group: {head: Population(**_tuples(p)) for head, p in document.get(group, {}).items()}
            for group in ("population", "products")
        }
        return cls(
            **{
                **document,
                **populations,
                "files": tuple(ModelFile(**_tuples(file)) for file in document["files"]),
                "input": InputSpec(**document["input"]),
                "votes": {head: Votes(**_tuples(votes)) for head, votes in document.get("votes", {}).items()},
                "composites": {kind: Composites(**_tuples(c)) for kind, c in document.get("composites", {}).items()},
                "agreement": {kind: _agreement(found) for kind, found in document.get("agreement", {}).items()},
                "reasons": Reasons.from_json(document["reasons"]) if document.get("reasons") else None,
                "golden": Golden.from_json(document["golden"]) if document.get("golden") else None,
            }
        )

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Reads ``folder/manifest.json``.

        Raises:
            ModelUnavailable: There is no manifest in the folder, it is not a valid one, or it was changed by hand.
        """
        path = folder / FILE_NAME
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            found = cls.from_json(document)
        except FileNotFoundError as error:
            raise ModelUnavailable("No model is installed.", detail=f"{path} does not exist") from error
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise ModelUnavailable("The model's manifest is invalid.", detail=f"{path}: {error!r}") from error
        try:
            seal.check(document)
        except ValueError as error:
            raise ModelUnavailable(
                "The model's manifest was changed after it was made.", detail=f"{path}: {error}"
            ) from error
        return found

    def write(self, folder: Path) -> None:
        """Writes ``folder/manifest.json``, whole or not at all."""
        with whole(folder / FILE_NAME) as part:
            part.write_text(json.dumps(self.to_json(), indent=2) + "\n", encoding="utf-8")


def _mean(distribution: tuple[float, ...]) -> float:
    return sum(score * p for score, p in enumerate(distribution, 1))


def _tuples(document: dict[str, Any]) -> dict[str, Any]:
    """The same with tuples for JSON's lists."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in document.items()}


def _agreement(document: dict[str, Any]) -> Agreement:
    curves = {name: Curve(**_tuples(curve)) for name, curve in document["curves"].items()}
    return Agreement(**{**document, "curves": curves})
