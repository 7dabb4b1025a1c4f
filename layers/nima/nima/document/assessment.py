"""Everything that is said of the pixels of one picture. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated

from nima.document.advice import Advice, Crop
from nima.document.composite import Composite, StyleName, Weights, compose
from nima.document.defects import DEFECTS
from nima.document.distribution import Distribution
from nima.document.kinds import KINDS
from nima.document.maps import Maps
from nima.document.policy import Policy, Verdict, Verdicts
from nima.document.record import Record, member
from nima.document.scale import Scale
from nima.document.values import Count, Format, Limits, OneOf, Opinion, Positive, Share
from nima.document.vocabulary import LEVELS
from nima.heads import HEADS, REQUIRED

Defect = Annotated[str, OneOf(lambda: DEFECTS)]
KindName = Annotated[str, OneOf(lambda: KINDS)]
Trust = Annotated[str, OneOf(lambda: LEVELS)]
HeadName = Annotated[str, OneOf(lambda: HEADS, always=lambda: REQUIRED)]
Phash = Annotated[str, Limits(pattern="^[0-9a-f]{16}$")]

Jpeg = bytes

UNKNOWN = "unknown"
"""What a document that lacks a name is read with."""


@dataclass(frozen=True)
class File(Record):
    """The picture's file: its format (empty where a document of another release has one that is not known here), and
    its size in pixels."""

    bytes: Count = 0
    format: Format = field(default="", metadata=member(blank="left out"))
    width: Count = 0
    height: Count = 0


@dataclass(frozen=True)
class Percentile(Record):
    """Share of a named population, in percent, that scores below the picture."""

    population: str
    value: Annotated[float, Limits(minimum=0, maximum=100), "Share, in percent, of the population that is below."]


@dataclass(frozen=True)
class Percentiles(Record):
    """Where a score stands.

    Attributes:
        reference: In the model's population, of products where the picture is one; None where the model states none.
        catalogue: In the catalogue; filled in by readers and never stored, as others keep moving it.
    """

    reference: Percentile | None = None
    catalogue: Percentile | None = None


@dataclass(frozen=True)
class Score(Record):
    """One head's answer.

    Attributes:
        mean: Mean opinion score, 1..10.
        std: Standard deviation of the opinions.
        distribution: Probabilities of the scores 1..10.
        percentile: Where the mean stands among those of other pictures.
    """

    mean: Opinion = field(init=False)
    std: Annotated[float, Limits(minimum=0, maximum=4.5)] = field(init=False)
    distribution: Distribution
    percentile: Percentiles = Percentiles()

    def __post_init__(self) -> None:
        self._derive(mean=self.distribution.mean, std=self.distribution.std)


@dataclass(frozen=True)
class Deduction(Record):
    """One reason for a lower score.

    Attributes:
        code: What is wrong.
        severity: 0 (invisible) to 1 (spoils the picture).
        measure: The measured quantity in ``unit``.
        unit: Its unit.
        message: One plain sentence.
        sure: Whether it is surely there; in rankings it weighs a point.
        style: The only composite style that it is a defect in; left out where it is one in all.
    """

    code: Defect
    severity: Share = 0.0
    measure: float = 0.0
    unit: str = ""
    message: str = ""
    sure: bool = False
    style: StyleName | None = field(default=None, metadata=member(blank="left out"))


@dataclass(frozen=True)
class Trait(Record):
    """A kind of picture: whether it holds, and the measure (with its unit) that says so."""

    present: bool = False
    measure: float = 0.0
    unit: str = ""


@dataclass(frozen=True)
class Reframing(Record):
    """A product on a plain background was re-framed: its fill before, 0..1, and the background's sRGB colour."""

    fill: Share
    background: tuple[int, int, int]


@dataclass(frozen=True)
class Traits(Record):
    """What kind of picture it is.

    Attributes:
        aspect: Width over height of the whole picture.
        cropped: Whether only the centre of an extreme panorama was assessed.
        color_space: The space that the file's values were in.
        reframed: How a product on a plain background was re-framed, else None.
        kinds: Measured traits by name.
    """

    aspect: Positive = 0.0
    cropped: bool = False
    color_space: str = UNKNOWN
    reframed: Reframing | None = None
    kinds: Mapping[KindName, Trait] = field(default_factory=dict, metadata=member(flat=True))


@dataclass(frozen=True)
class Reason(Record):
    """Why the scores deserve less trust: a code, and its sentence, which readers know."""

    code: str = UNKNOWN
    message: str = field(default="", metadata=member(stored=False))


@dataclass(frozen=True)
class Confidence(Record):
    """How far scores can be trusted: ``high`` without reasons, else ``medium`` or ``low``."""

    level: Trust
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Model(Record):
    """Which model scored."""

    id: str = UNKNOWN
    version: str = UNKNOWN


ON_REQUEST = ("maps", "advice", "crops")
"""Members of an assessment that are made where they are asked for, as they take inferences of their own."""


@dataclass(frozen=True)
class Assessment(Record):
    """Everything said of the pixels of one picture.

    Attributes:
        image: Its file.
        scores: Of each head that the model has, in the order of ``HEADS``; always of those that every model has.
        composite: Both in one number.
        deductions: Sure ones first, then the plainest; of models without learned reasons the worst first.
        other_styles: Deductions that count in another style than the composite's only.
        traits: What kind of picture it is.
        confidence: How far the scores can be trusted.
        phash: Perceptual hash by which near-duplicates are known; None where an older release had none.
        policies: How it stands to rules for pictures.
        scale: What stars and band are by, in any style; None where that is the table of ``nima.document.composite``.
        model: Which model scored.
        preprocessing: The version of what pictures go through before they are scored.
        timings_ms: How long each step took.
        maps: Where scores and reasons lie, where that was asked for; the table has none.
        advice: What would help, where that was asked for; the table has none.
        crops: The best part of each shape that shops and social media ask for, likewise.
        thumbnail: A small JPEG where one was asked for; it lies apart in the table.
        look: How it looks at a glance, as ``nima.image.look`` writes it, where that was asked for; no part of the
            document.
    """

    image: File
    scores: Mapping[HeadName, Score] = field(metadata=member(flat=True))
    composite: Composite
    deductions: tuple[Deduction, ...]
    traits: Traits
    confidence: Confidence
    phash: Phash | None
    policies: Verdicts
    other_styles: tuple[Deduction, ...] = ()
    scale: Scale | None = None
    model: Model = Model()
    preprocessing: str = UNKNOWN
    timings_ms: Mapping[str, Positive] = field(default_factory=dict)
    maps: Maps | None = field(default=None, metadata=member(stored=False, blank="left out"))
    advice: tuple[Advice, ...] | None = field(default=None, metadata=member(stored=False, blank="left out"))
    crops: tuple[Crop, ...] | None = field(default=None, metadata=member(stored=False, blank="left out"))
    thumbnail: Jpeg | None = field(default=None, compare=False, repr=False, metadata=member(aside=True))
    look: bytes | None = field(default=None, compare=False, repr=False, metadata=member(aside=True))

    def __post_init__(self) -> None:
        if not set(REQUIRED) <= set(self.scores):
            raise ValueError(f"there are scores of {sorted(self.scores)} only")

    @property
    def technical(self) -> Score:
        """How well the picture is made."""
        return self.scores["technical"]

    @property
    def aesthetic(self) -> Score:
        """How much the picture is liked."""
        return self.scores["aesthetic"]

    @property
    def verdict(self) -> Verdict:
        """How the picture stands to the policy that it was judged by."""
        return self.policies.marketplace_main_image

    @property
    def sure(self) -> tuple[Deduction, ...]:
        """The defects that are surely there."""
        return tuple(deduction for deduction in self.deductions if deduction.sure)

    @property
    def minded(self) -> tuple[Deduction, ...]:
        """The defects that are not sure, and weigh as if they were in the style that the picture is judged by."""
        minds = self.composite.minds
        return tuple(deduction for deduction in self.deductions if deduction.code in minds and not deduction.sure)

    def weighed(self, style: str, weights: Weights | None = None) -> Assessment:
        """The same in another style, or by weights of one's own.

        Raises:
            InvalidRequest: There is no such style.
        """
        composite = compose(
            self.technical.mean, self.aesthetic.mean, self.aesthetic.std, style, weights, scale=self.scale
        )
        return replace(self, composite=composite).sorted_out()

    def sorted_out(self) -> Assessment:
        """The same with those deductions that count in its style, the sure ones first, and the others apart."""
        style = self.composite.style
        here, elsewhere = (
            [one for one in (*self.deductions, *self.other_styles) if (one.style in (None, style)) == is_one]
            for is_one in (True, False)
        )
        if len(elsewhere) == len(self.other_styles) and len(here) == len(self.deductions):
            return self
        # Those of one's own keep their order: they are sorted already.
        here.sort(key=lambda one: not one.sure)
        return replace(self, deductions=tuple(here), other_styles=tuple(elsewhere))

    def judged(self, policy: Policy) -> Assessment:
        """The same as it stands to this policy."""
        return replace(self, policies=Verdicts(policy.judge(self.verdict.measures, self.image)))
