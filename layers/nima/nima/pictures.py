"""Pictures judged from Python: ``nima.score`` and ``nima.rank``."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from PIL import ExifTags, Image

from nima.assess.assessor import Assessor
from nima.catalogue.ranking import Ranking
from nima.catalogue.ranking import rank as rank_results
from nima.document.assessment import Assessment
from nima.document.composite import DEFAULT_STYLE, Weights, choose_style
from nima.document.result import ObjectRef, Rejection, Result
from nima.errors import ModelUnavailable, NimaError, UndecodableImage, UnsupportedFormat
from nima.image import exif
from nima.image.limits import Limits
from nima.local.files import read_file
from nima.local.project import model_places
from nima.model.folder import SHIPPED, find_model
from nima.model.litert import LazyModel

Picture = str | os.PathLike[str] | bytes | Image.Image
"""A file's path, a file's bytes, or an image of Pillow's."""

# How Pillow's modes are brought to those that a PNG has; others hold no picture, such as depths in floating point.
_AS_PNG = {
    **{mode: mode for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")},
    **dict.fromkeys(("CMYK", "HSV", "LAB", "RGBX", "YCbCr"), "RGB"),
    **dict.fromkeys(("PA", "RGBa"), "RGBA"),
}
_assessors: dict[Path, Assessor] = {}


def score(
    picture: Picture,
    *,
    style: str = DEFAULT_STYLE,
    weights: tuple[float, float] | None = None,
    model: str | Path | None = None,
    maps: bool = False,
    advice: bool = False,
    crops: bool = False,
) -> Assessment:
    """Scores a picture::

        assessment = nima.score("photo.jpg")
        assessment.composite.score      # 5.46, of 1 to 10
        assessment.technical.mean       # 5.48, of 1 to 10

    The model is loaded by the first call and kept for later ones, which may come from several threads.

    Args:
        picture: A path, the bytes of a file, or an image of Pillow's. Files are of ``nima.image.formats.FORMATS``, of
            at most 25 MiB and 50 million pixels. An image is judged as a PNG file of its pixels would be, with its ICC
            profile and its EXIF orientation.
        style: How the composite weighs the technical and the aesthetic mean, a name of
            ``nima.document.composite.STYLES``.
        weights: Weights of one's own instead, technical and aesthetic, neither negative; their proportion counts.
        model: The id of an installed model, as ``nima models list`` shows them, or the ``pathlib.Path`` of a model's
            folder; None takes nima-lite, which comes along.
        maps: Whether to say where in the picture scores and reasons lie, in the assessment's ``maps``; takes some more
            inferences.
        advice: Whether to try out what would help, in the assessment's ``advice``; five inferences at most.
        crops: Whether to look for the best crop of each shape that shops and social media ask for, in ``crops``.

    Returns:
        All that is said of the picture: both distributions over the scores 1..10 with mean and standard deviation, the
        composite with 0.5 to 5 stars, deductions (sure ones first, severity 0..1, with measure and unit), traits, and
        how far to trust it. Its ``to_json()`` is what the API's documents say of a picture.

    Raises:
        UnreadableFile: There is no such file, or it may not be read.
        ImageTooLarge, TooManyPixels: It exceeds the limits.
        UnsupportedFormat, UndecodableImage: It is no such file, or a damaged one.
        InvalidRequest: There is no such style, or the weights are none.
        ModelUnavailable: There is no such model, or it cannot be served.
        TypeError: It is no picture at all.

        All but the last are ``nima.NimaError``, with a stable ``code`` and a ``message`` that anybody may read.
    """
    return _score(
        picture, style, _weights(style, weights), replace(_assessor(model), maps=maps, advice=advice, crops=crops)
    )


def rank(
    pictures: Iterable[Picture],
    *,
    style: str = DEFAULT_STYLE,
    weights: tuple[float, float] | None = None,
    model: str | Path | None = None,
) -> Ranking:
    """Ranks pictures of one thing, the best first, near-duplicates in one entry::

        ranking = nima.rank(["front.jpg", "side.jpg"], style="ecommerce")
        ranking.entries[0].key          # "front.jpg"
        ranking.recommended.why         # one sentence

    Args:
        pictures: As ``score`` takes them. Each goes by its path as it is given or, where it has none, by its place
            among them, from ``"0"``; where that is another one's path, ``#`` stands before it.
        style, weights, model: As of ``score``.

    Returns:
        The ranking: ``entries`` with scores, ``recommended``, and in ``rejected`` the pictures that cannot be scored,
        with an error's code and message.

    Raises:
        InvalidRequest, ModelUnavailable, TypeError: As ``score`` does; of one picture's faults only ``rejected`` tells.
    """
    if isinstance(pictures, (str, bytes, os.PathLike, Image.Image)):
        raise TypeError("rank() takes several pictures: rank([...])")
    chosen, assessor = _weights(style, weights), _assessor(model)
    named = _named(list(pictures))
    results = [judge(name, picture, style, chosen, assessor) for name, picture in named.items()]
    return rank_results(results, style, chosen)


def _assessor(model: str | Path | None) -> Assessor:
    if model is None:
        folder = SHIPPED / "nima-lite"
    else:
        folder = model.resolve() if isinstance(model, Path) else find_model(model_places(), model)
    return _assessors.setdefault(folder, Assessor(LazyModel(folder)))


def _weights(style: str, weights: tuple[float, float] | None) -> Weights | None:
    chosen = None if weights is None else Weights.of(*weights)
    choose_style(style, chosen)  # refuses an unknown style before anything is read
    return chosen


def _named(pictures: Sequence[Picture]) -> dict[str, Picture]:
    """Each by its path, or by its place; no two of them by one name unless they are of one path."""
    paths = [os.fspath(picture) if isinstance(picture, str | os.PathLike) else None for picture in pictures]
    named: dict[str, Picture] = {}
    for place, (path, picture) in enumerate(zip(paths, pictures, strict=True)):
        name = str(place) if path is None else path
        while path is None and name in paths:
            name = f"#{name}"
        named[name] = picture
    return named


def judge(name: str, picture: Picture, style: str, weights: Weights | None, assessor: Assessor) -> Result:
    """What becomes of a picture of some name: its assessment, or the error that it is refused with.

    Raises:
        ModelUnavailable: No picture can be scored.
    """
    image = ObjectRef(key=name)
    try:
        assessment = _score(picture, style, weights, assessor)
    except ModelUnavailable:
        raise
    except NimaError as error:
        return Result(image=image, error=Rejection.of(error))
    return Result(image=image, assessment=assessment)


def _score(picture: Picture, style: str, weights: Weights | None, assessor: Assessor) -> Assessment:
    if isinstance(picture, Image.Image):
        data = _png(picture)
        assessor = replace(assessor, limits=Limits(max_bytes=len(data)))  # its bytes are of our making
    elif isinstance(picture, bytes):
        data = picture
    elif isinstance(picture, str | os.PathLike):
        data = read_file(Path(picture), assessor.limits)
    else:
        raise TypeError(f"a picture is a path, bytes or an image of Pillow's, not {type(picture).__name__}")
    return assessor.assess(data, style, weights)


def _png(image: Image.Image) -> bytes:
    """A PNG file of an image."""
    Limits().check_pixels(*image.size)
    mode = _AS_PNG.get(image.mode)
    if mode is None:
        raise UnsupportedFormat(f"An image of the mode {image.mode} is not read.")
    marks = Image.Exif()
    try:
        marks[ExifTags.Base.Orientation] = exif.orientation(image)
        profile = image.info.get("icc_profile") if mode == image.mode else None
        file = io.BytesIO()
        image.convert(mode).save(file, "PNG", compress_level=1, exif=marks, icc_profile=profile)
    except (OSError, SyntaxError, ValueError) as error:
        raise UndecodableImage("The image is damaged or closed.", detail=repr(error)) from error
    return file.getvalue()
