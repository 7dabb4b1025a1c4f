"""Pictures of this machine, scored: one row each, as they come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from nima.assess.assessor import Assessor
from nima.desk.metadata import exif_of
from nima.desk.shots import Shot
from nima.document.composite import DEFAULT_STYLE, Weights
from nima.document.policy import MAIN_IMAGE, POLICIES
from nima.document.result import ObjectRef, Rejection, Result
from nima.errors import ModelUnavailable, NimaError
from nima.interrupt import raise_if_lost
from nima.local.files import read_file
from nima.model.litert import LazyModel
from nima.native import without_info
from nima.shoot.capture import Capture


@dataclass(frozen=True)
class Row:
    """What became of one picture.

    Attributes:
        path: The file that was judged.
        name: What it goes by.
        result: Its assessment, or the error that it is refused with.
        capture: How it was taken, as far as its file says so.
        companions: Other files of the same shot.
    """

    path: Path
    name: str
    result: Result
    capture: Capture
    companions: tuple[Path, ...] = ()


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
        raw: How camera RAW is read, one of ``nima.image.raw.develop.Reading``.
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
    raw: str = "preview"


def scan(shots: Iterable[Shot], judging: Judging) -> Iterator[Row]:
    """Scores pictures, and yields a row for each as soon as it is done, in no order that can be relied on.

    Raises:
        ModelUnavailable: No picture can be scored.
    """
    policy = POLICIES[judging.policy]
    assessor = Assessor(
        LazyModel(judging.model),
        maps=judging.maps,
        advice=judging.advice,
        crops=judging.crops,
        looks=judging.looks,
        thumbnails=judging.thumbnails,
        policy=policy,
        raw=judging.raw,
    )
    with without_info():
        assessor.model.get()
    for shot in shots:
        row = _row(shot, judging, assessor)
        raise_if_lost()
        yield row


def _row(shot: Shot, judging: Judging, assessor: Assessor) -> Row:
    image, capture = ObjectRef(key=shot.name), Capture()
    try:
        data = read_file(shot.path, assessor.limits)
        capture = Capture.of(exif_of(data))
        assessment = assessor.assess(data, judging.style, judging.weights).judged(POLICIES[judging.policy])
    except ModelUnavailable:
        raise
    except NimaError as error:
        return Row(shot.path, shot.name, Result(image=image, error=Rejection.of(error)), capture, shot.companions)
    return Row(shot.path, shot.name, Result(image=image, assessment=assessment), capture, shot.companions)
