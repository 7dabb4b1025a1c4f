"""The result document: what is known of one picture, as JSON and as a table item. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from nima.assess.composite import Composite, Weights
from nima.assess.distribution import Distribution
from nima.assess.policy import DEFAULT_RULES, MAIN_IMAGE, MainImage, Verdict, judge_main_image
from nima.assess.rules import MainImageRules
from nima.assess.upgrade import DOCUMENT, upgrade
from nima.assess.vocabulary import REJECTED, SCORED
from nima.errors import Internal, NimaError

Jpeg = bytes


@dataclass(frozen=True)
class Percentile:
    """Share of a named population, in percent, that scores below the picture."""

    population: str
    value: float


@dataclass(frozen=True)
class Score:
    """One head's answer.

    Attributes:
        distribution: Probabilities of the scores 1..10.
        reference: Where it stands in the model's population; None where the model states none.
        catalogue: Where it stands in the catalogue; filled in by readers and never stored, as others keep moving it.
    """

    distribution: Distribution
    reference: Percentile | None
    catalogue: Percentile | None = None

    @property
    def mean(self) -> float:
        """Mean opinion score, 1..10."""
        return self.distribution.mean

    def to_json(self) -> dict[str, Any]:
        return {
            "mean": self.distribution.mean,
            "std": self.distribution.std,
            "distribution": list(self.distribution.probabilities),
            "percentile": {
                "reference": self.reference and asdict(self.reference),
                "catalogue": self.catalogue and asdict(self.catalogue),
            },
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Score:
        reference = document["percentile"]["reference"]
        return cls(
            Distribution.read(document["distribution"]),
            reference and Percentile(reference["population"], float(reference["value"])),
        )


@dataclass(frozen=True)
class Deduction:
    """One reason for a lower score.

    Attributes:
        code: One of ``DEFECTS``.
        severity: 0 (invisible) to 1 (spoils the picture).
        measure: The measured quantity in ``unit``.
        unit: Its unit.
        message: One plain sentence.
    """

    code: str
    severity: float
    measure: float
    unit: str
    message: str


@dataclass(frozen=True)
class Trait:
    """A kind of picture: whether it holds, and the measure (with its unit) that says so."""

    present: bool
    measure: float
    unit: str


@dataclass(frozen=True)
class Reframing:
    """A product on a plain background was re-framed: its fill before, 0..1, and the background's sRGB colour."""

    fill: float
    background: tuple[int, int, int]


@dataclass(frozen=True)
class Traits:
    """What kind of picture it is.

    Attributes:
        aspect: Width over height of the whole picture.
        cropped: Whether only the centre of an extreme panorama was assessed.
        color_space: The space that the file's values were in.
        reframed: How a product on a plain background was re-framed, else None.
        kinds: Measured traits by name, those of ``KINDS``.
    """

    aspect: float
    cropped: bool
    color_space: str
    reframed: Reframing | None
    kinds: Mapping[str, Trait]

    def to_json(self) -> dict[str, Any]:
        return {
            "aspect": self.aspect,
            "cropped": self.cropped,
            "color_space": self.color_space,
            "reframed": self.reframed and {"fill": self.reframed.fill, "background": list(self.reframed.background)},
            **{name: asdict(trait) for name, trait in self.kinds.items()},
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Traits:
        kinds = dict(document)
        aspect, cropped, space, reframed = (kinds.pop(n) for n in ("aspect", "cropped", "color_space", "reframed"))
        if reframed:
            red, green, blue = (int(v) for v in reframed["background"])
            reframed = Reframing(float(reframed["fill"]), (red, green, blue))
        return cls(
            float(aspect),
            cropped,
            space,
            reframed,
            {name: Trait(t["present"], float(t["measure"]), t["unit"]) for name, t in kinds.items()},
        )


@dataclass(frozen=True)
class Reason:
    """Why the scores deserve less trust."""

    code: str
    message: str


@dataclass(frozen=True)
class Confidence:
    """``high`` without reasons, ``medium`` with one, ``low`` with more."""

    level: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class ModelName:
    """Which model scored: id, version, and the version of the preprocessing."""

    id: str
    version: str
    preprocessing: str


@dataclass(frozen=True)
class Assessment:
    """Everything said of the pixels of one picture.

    ``rules`` are those that the picture is judged by as a main image; only the measures are stored, so that each reader
    judges by the rules of its own day. ``thumbnail`` is a small JPEG where one was asked for; it is no part of the
    document and lies apart in the table. A document of another release may lack the ``format`` (empty where it is
    not known here), the sizes (0), the ``phash`` and measures: see ``nima.assess.upgrade``.
    """

    bytes: int
    format: str
    width: int
    height: int
    technical: Score
    aesthetic: Score
    composite: Composite
    deductions: tuple[Deduction, ...]
    traits: Traits
    confidence: Confidence
    phash: str | None
    main_image: MainImage
    model: ModelName
    timings_ms: Mapping[str, float]
    rules: MainImageRules = DEFAULT_RULES
    thumbnail: Jpeg | None = field(default=None, compare=False, repr=False)

    @property
    def verdict(self) -> Verdict:
        """How the picture stands to ``marketplace_main_image``."""
        return judge_main_image(self.main_image, self.rules)

    def to_json(self) -> dict[str, Any]:
        return {
            "image": {
                "bytes": self.bytes,
                **({"format": self.format} if self.format else {}),
                "width": self.width,
                "height": self.height,
            },
            "technical": self.technical.to_json(),
            "aesthetic": self.aesthetic.to_json(),
            "composite": asdict(self.composite),
            "deductions": [asdict(deduction) for deduction in self.deductions],
            "traits": self.traits.to_json(),
            "confidence": {"level": self.confidence.level, "reasons": [asdict(r) for r in self.confidence.reasons]},
            "phash": self.phash,
            "policies": {MAIN_IMAGE: {**self.verdict.to_json(), "measures": self.main_image.to_json()}},
            "model": {"id": self.model.id, "version": self.model.version},
            "preprocessing": self.model.preprocessing,
            "timings_ms": dict(self.timings_ms),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any], rules: MainImageRules = DEFAULT_RULES) -> Assessment:
        """Reads what ``to_json`` wrote, upgraded; the stored verdict gives way to one by ``rules``."""
        image, composite = document["image"], document["composite"]
        weights = composite["weights"]
        return cls(
            bytes=int(image["bytes"]),
            format=image["format"],
            width=int(image["width"]),
            height=int(image["height"]),
            technical=Score.from_json(document["technical"]),
            aesthetic=Score.from_json(document["aesthetic"]),
            composite=Composite(
                composite["style"],
                Weights(float(weights["technical"]), float(weights["aesthetic"])),
                float(composite["score"]),
                float(composite["stars"]),
                composite["band"],
                composite["note"],
            ),
            deductions=tuple(
                Deduction(d["code"], float(d["severity"]), float(d["measure"]), d["unit"], d["message"])
                for d in document["deductions"]
            ),
            traits=Traits.from_json(document["traits"]),
            confidence=Confidence(
                document["confidence"]["level"],
                tuple(Reason(r["code"], r["message"]) for r in document["confidence"]["reasons"]),
            ),
            phash=document["phash"],
            main_image=MainImage.from_json(document["policies"][MAIN_IMAGE]["measures"]),
            model=ModelName(document["model"]["id"], document["model"]["version"], document["preprocessing"]),
            timings_ms={name: float(ms) for name, ms in document["timings_ms"].items()},
            rules=rules,
        )


@dataclass(frozen=True)
class ObjectRef:
    """An object in a bucket. ``etag`` and ``version_id`` are None where the event did not tell."""

    bucket: str
    key: str
    etag: str | None = None
    version_id: str | None = None
    bytes: int | None = None

    def is_same(self, other: ObjectRef) -> bool:
        """Whether both are one version with one content. Objects from before versioning are the version ``null``."""
        one, two = ((image.version_id or "null", image.etag) for image in (self, other))
        return one == two


@dataclass(frozen=True)
class Result:
    """What the table holds of one object: scored (with an assessment) or rejected (with an error's code and message).

    Attributes:
        image: The object.
        sequencer: Padded sequencer of the latest event that it stands for (see ``nima.aws.events``).
        scored_at: ISO 8601 in UTC.
    """

    image: ObjectRef
    sequencer: str | None
    scored_at: str | None
    category: str | None
    collection: str | None
    assessment: Assessment | None
    error: Mapping[str, str] | None

    @property
    def status(self) -> str:
        return SCORED if self.assessment else REJECTED

    def to_json(self) -> dict[str, Any]:
        """The public document: JSON types only."""
        assessed = self.assessment.to_json() if self.assessment else {}
        return {
            "document": DOCUMENT,
            **assessed,
            "image": {**asdict(self.image), **assessed.get("image", {})},
            "status": self.status,
            "error": self.error and dict(self.error),
            "category": self.category,
            "collection": self.collection,
            "sequencer": self.sequencer,
            "scored_at": self.scored_at,
        }

    def to_item(self) -> dict[str, Any]:
        """The document as it is stored: every float a ``Decimal``, as DynamoDB's resource interface takes it.

        Of a policy only the measures, as each reader judges by the rules of its own day: every kilobyte is billed.
        """
        document = self.to_json()
        if self.assessment:
            document["policies"] = {MAIN_IMAGE: {"measures": self.assessment.main_image.to_json()}}
        item: dict[str, Any] = _decimals(document)
        return item

    @classmethod
    def from_item(cls, item: Mapping[str, Any], rules: MainImageRules = DEFAULT_RULES) -> Result:
        """Reads what ``to_item`` of this or another release wrote; what the table adds is ignored.

        Raises:
            Unreadable: It lacks what nothing can stand for, or is damaged.
        """
        try:
            document = upgrade(item)
            assessment = Assessment.from_json(document, rules) if document["status"] == SCORED else None
        except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError, NimaError) as error:
            raise Unreadable(f"{item.get('pk')}: {error!r}") from error
        return cls._of(document, assessment)

    @classmethod
    def unreadable(cls, item: Mapping[str, Any]) -> Result:
        """What is shown in the place of a document that cannot be read: what is known, and an error that says so."""
        error = Internal("The stored result cannot be read; score the picture again.").to_json()
        return cls._of(upgrade({**item, "status": REJECTED, "error": error}), None)

    @classmethod
    def _of(cls, document: Mapping[str, Any], assessment: Assessment | None) -> Result:
        image = document["image"]
        size = None if image["bytes"] is None else int(image["bytes"])
        return cls(
            image=ObjectRef(image["bucket"], image["key"], image["etag"], image["version_id"], size),
            sequencer=document["sequencer"],
            scored_at=document["scored_at"],
            category=document["category"],
            collection=document["collection"],
            assessment=assessment,
            error=document["error"],
        )


class Unreadable(ValueError):
    """A stored document that cannot be read."""


def _decimals(value: Any) -> Any:
    if isinstance(value, float):
        return Decimal(str(value))
    if isinstance(value, Mapping):
        return {name: _decimals(v) for name, v in value.items()}
    if isinstance(value, list | tuple):
        return [_decimals(v) for v in value]
    return value
