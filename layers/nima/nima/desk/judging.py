"""How the pictures of a scan are judged, and what an answer depends on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nima.document.assessment import Assessment
from nima.document.composite import DEFAULT_STYLE, Weights
from nima.document.policy import MAIN_IMAGE, POLICIES
from nima.errors import ModelUnavailable
from nima.image.formats import PREVIEW, RAW_EXTENSIONS
from nima.image.limits import MEBIBYTE, PILLOW_MAX_PIXELS, Limits
from nima.model.manifest import FILE_NAME

if TYPE_CHECKING:
    from nima.assess.assessor import Assessor

LIMITS = Limits(max_bytes=512 * MEBIBYTE, max_pixels=PILLOW_MAX_PIXELS)
"""What a machine of one's own takes on: files of the largest cameras."""

_PACKAGE = Path(__file__).resolve().parents[1]
# What has a part in a picture's answer: of this package, and of others.
_ROOMS = ("assess", "desk", "document", "image", "model", "shoot", "words")
_LIBRARIES = ("ai-edge-litert", "numpy", "pi-heif", "pillow", "rawpy")


@dataclass(frozen=True)
class Judging:
    """How pictures are judged.

    Attributes:
        model: The model's folder.
        style: How the composite weighs both means.
        weights: Weights of one's own instead.
        policy: The name of the rules that pictures are judged by.
        maps, advice, crops: Whether these are made as well.
        looks, thumbnails: Whether the assessments have a look and a thumbnail.
        raw: How camera RAW is read, one of ``READINGS``.
        limits: How large a picture may be.
    """

    model: Path
    style: str = DEFAULT_STYLE
    weights: Weights | None = None
    policy: str = MAIN_IMAGE
    maps: bool = False
    advice: bool = False
    crops: bool = False
    looks: bool = False
    thumbnails: bool = False
    raw: str = PREVIEW
    limits: Limits = LIMITS

    @property
    def parts(self) -> int:
        """What an answer has to have besides, a bit for each."""
        return self.looks | self.thumbnails << 1

    @property
    def keepable(self) -> bool:
        """Whether answers can be kept for other ways of judging: what would help depends on style and policy."""
        return not (self.maps or self.advice or self.crops)

    def assessor(self) -> Assessor:
        """What judges so, in one thread."""
        from nima.assess.assessor import Assessor, InTurn
        from nima.model.litert import LazyModel

        names = {one.name for one in fields(Assessor)} & {one.name for one in fields(self)}
        own = {name: getattr(self, name) for name in names - {"model", "policy"}}
        return Assessor(LazyModel(self.model, threads=1), policy=POLICIES[self.policy], beside=InTurn, **own)

    def judged(self, assessment: Assessment) -> Assessment:
        """An assessment of this model, in this style and by this policy."""
        return assessment.weighed(self.style, self.weights).judged(POLICIES[self.policy])

    def to_json(self) -> dict[str, Any]:
        """As JSON types."""
        return {**asdict(self), "model": str(self.model)}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Judging:
        """Reads what ``to_json`` wrote."""
        weights = document["weights"] and Weights(**document["weights"])
        limits = Limits(**document["limits"])
        return cls(**{**document, "model": Path(document["model"]), "weights": weights, "limits": limits})

    def maker(self, path: Path) -> str:
        """Who answers for a file: the same as long as the same is answered.

        Raises:
            ModelUnavailable: There is no such model.
        """
        return f"{self._maker} {self.raw}" if path.suffix.lower() in RAW_EXTENSIONS else self._maker

    @cached_property
    def _maker(self) -> str:
        """Changes with whatever may change an answer: the model, this package's code, the libraries that decode."""
        digest = hashlib.blake2b(digest_size=16)
        try:
            digest.update((self.model / FILE_NAME).read_bytes())
        except OSError as error:
            raise ModelUnavailable("A model file cannot be read.", detail=str(error)) from error
        for library in _LIBRARIES:
            digest.update(_version(library).encode() + b"\0")
        for file in _sources():
            digest.update(file.name.encode() + b"\0" + file.read_bytes())
        digest.update(repr(self.limits).encode())
        return digest.hexdigest()


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return ""


def _sources() -> Iterator[Path]:
    for room in _ROOMS:
        yield from sorted(file for file in (_PACKAGE / room).rglob("*.*") if file.suffix in (".py", ".json"))
