"""Colour: what a file states of it, and from there to sRGB, with the name of the space that the picture came in."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from nima.image import encoding
from nima.image.encoding import Encoding

if TYPE_CHECKING:
    from PIL import ImageCms

# Red and green colorants (XYZ adapted to D50, as ICC profiles store them) of the spaces that cameras and editors write.
_COLORANTS = {
    "sRGB": ((0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971)),
    "Display P3": ((0.5151, 0.2412, -0.0011), (0.2919, 0.6922, 0.0419)),
    "Adobe RGB": ((0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609)),
    "ProPhoto RGB": ((0.7977, 0.2880, 0.0000), (0.1352, 0.7119, 0.0000)),
}
_COLORANT_TOLERANCE = 0.01
# A real profile is some kilobytes, a CMYK one up to about 3 MB; what is larger is not worth parsing.
_MAX_PROFILE_BYTES = 4 << 20
_ICC_MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK", "Lab": "LAB"}
_SPACE_AT = 16
_TAGS_AT, _TAG, _MOST_TAGS = 132, 12, 100
# How finely, and how nearly, a transform has to leave colours alone to be none.
_STEPS, _ROUNDING = 9, 1
UNUSABLE = "unusable profile"


def to_srgb(image: Image.Image, stated: bytes | Encoding | None) -> tuple[Image.Image, str]:
    """Converts a picture to 8-bit sRGB.

    Args:
        image: Mode ``RGB``, ``L``, ``CMYK`` or ``LAB``, without alpha.
        stated: What the file says of its colours: an ICC profile, an encoding, or nothing.

    Returns:
        The picture in mode ``RGB`` and the name of the source colour space. A profile that cannot be used is named
        ``unusable profile`` and the values are then taken as they are.
    """
    if isinstance(stated, Encoding):
        return (encoding.to_srgb(image, stated), stated.name) if image.mode in {"RGB", "L"} else _assume_srgb(image)
    if not stated:
        return _assume_srgb(image)
    from PIL import ImageCms

    image = _fitting(image, stated)
    try:
        transform, name = _transform(stated, image.mode)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return _assume_srgb(image)[0], UNUSABLE
    if transform is None:
        return image, name
    converted = ImageCms.applyTransform(image, transform)
    if converted is None:
        raise RuntimeError("a transform that is not in place returns an image")
    return converted, name


def hdr_of_profile(profile: bytes) -> Encoding | None:
    """The encoding that a profile's tag ``cicp`` names (ICC.1:2022), if it is one of HDR: curves end at white."""
    for at in range(_TAGS_AT, _TAGS_AT + _TAG * min(int.from_bytes(profile[128:_TAGS_AT], "big"), _MOST_TAGS), _TAG):
        if profile[at : at + 4] == b"cicp":
            start = int.from_bytes(profile[at + 4 : at + 8], "big") + 8
            stated = encoding.by_code_points(*profile[start : start + 2]) if len(profile) >= start + 2 else None
            return stated if stated and stated.transfer.hdr else None
    return None


def _fitting(image: Image.Image, profile: bytes) -> Image.Image:
    """The picture in the mode that a profile is for, where that shows the same: grey as RGB, RGB of greys as grey."""
    space = profile[_SPACE_AT : _SPACE_AT + 4]
    if image.mode == "L" and space == b"RGB ":
        return image.convert("RGB")
    if image.mode == "RGB" and space == b"GRAY":
        red, green, blue = image.split()
        if red.tobytes() == green.tobytes() == blue.tobytes():
            return red
    return image


def _assume_srgb(image: Image.Image) -> tuple[Image.Image, str]:
    if image.mode == "RGB":
        return image, "sRGB"
    if image.mode == "LAB":
        from PIL import ImageCms

        lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(image, lab, srgb, outputMode="RGB")
        if converted is None:
            raise RuntimeError("a conversion that is not in place returns an image")
        return converted, "CIELAB"
    return image.convert("RGB"), "grey" if image.mode == "L" else "CMYK without profile"


@lru_cache(maxsize=16)
def _transform(profile: bytes, mode: str) -> tuple[ImageCms.ImageCmsTransform | None, str]:
    """The transform to sRGB (None where the picture is sRGB already) and the profile's name."""
    if len(profile) > _MAX_PROFILE_BYTES:
        raise ValueError("profile too large")
    from PIL import ImageCms

    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    space = source.profile.xcolor_space.strip()
    if _ICC_MODES.get(space) != mode:
        raise ValueError(f"a {space} profile does not fit a {mode} picture")
    name = _name(source, space)
    transform = ImageCms.buildTransform(
        source,
        ImageCms.createProfile("sRGB"),
        mode,
        "RGB",
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    if space == "RGB" and _changes_nothing(transform):
        return None, "sRGB"
    return transform, "RGB of another curve than sRGB" if name == "sRGB" else name


def _changes_nothing(transform: ImageCms.ImageCmsTransform) -> bool:
    """Whether colours from all over the cube stay as they are, but for rounding."""
    from PIL import ImageCms

    steps = np.linspace(0, 255, _STEPS).round().astype(np.uint8)
    cube = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(_STEPS, -1, 3)
    converted = ImageCms.applyTransform(Image.fromarray(cube), transform)
    return bool(np.abs(np.asarray(converted).astype(np.int16) - cube).max() <= _ROUNDING)


def _name(source: ImageCms.ImageCmsProfile, space: str) -> str:
    if space != "RGB":
        return {"GRAY": "grey", "CMYK": "CMYK", "Lab": "CIELAB"}[space]
    red, green = source.profile.red_colorant, source.profile.green_colorant
    if red and green:
        for name, expected in _COLORANTS.items():
            measured = np.array((red[0], green[0]))
            if np.abs(measured - np.array(expected)).max() <= _COLORANT_TOLERANCE:
                return name
    # The description is the file's own text: keep it short and printable.
    description = (source.profile.profile_description or "").strip()
    return "".join(c for c in description if c.isprintable())[:60] or "RGB"
