"""Colour: embedded profiles to sRGB, with the name of the space that the picture came in."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageFilter

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
UNUSABLE = "unusable profile"


def to_srgb(image: Image.Image, profile: bytes | None, *, adobe_rgb: bool) -> tuple[Image.Image, str]:
    """Converts a picture to 8-bit sRGB.

    Args:
        image: Mode ``RGB``, ``L``, ``CMYK`` or ``LAB``, without alpha.
        profile: The embedded ICC profile, if any.
        adobe_rgb: Whether EXIF says Adobe RGB; counts only where there is no profile.

    Returns:
        The picture in mode ``RGB`` and the name of the source colour space. A profile that cannot be used is named
        ``unusable profile`` and the values are then taken as they are.
    """
    if profile:
        from PIL import ImageCms

        try:
            transform, name = _transform(profile, image.mode)
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            return _assume_srgb(image)[0], UNUSABLE
        if transform is None:
            return image, name
        converted = ImageCms.applyTransform(image, transform)
        if converted is None:
            raise RuntimeError("a transform that is not in place returns an image")
        return converted, name
    if adobe_rgb and image.mode == "RGB":
        return image.filter(_adobe_rgb_table()), "Adobe RGB"
    return _assume_srgb(image)


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
    if name == "sRGB" and "srgb" in (source.profile.profile_description or "").lower():
        return None, name
    transform = ImageCms.buildTransform(
        source,
        ImageCms.createProfile("sRGB"),
        mode,
        "RGB",
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    return transform, name


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


@lru_cache(maxsize=1)
def _adobe_rgb_table() -> ImageFilter.Color3DLUT:
    """Adobe RGB (1998) to sRGB as a lookup table: gamma 563/256, both primaries sets with white point D65."""
    # Adobe RGB to XYZ (Adobe RGB (1998) Color Image Encoding, 4.3.5.3), then XYZ to linear sRGB (IEC 61966-2-1).
    matrix = ((1.39836, -0.39836, 0.0), (0.0, 1.0, 0.0), (0.0, -0.04294, 1.04294))

    def convert(r: float, g: float, b: float) -> tuple[float, float, float]:
        linear = [channel ** (563 / 256) for channel in (r, g, b)]
        mixed = (sum(m * v for m, v in zip(row, linear, strict=True)) for row in matrix)
        encoded = [
            12.92 * v if v <= 0.0031308 else 1.055 * min(v, 1.0) ** (1 / 2.4) - 0.055
            for v in (max(0.0, m) for m in mixed)
        ]
        return encoded[0], encoded[1], encoded[2]

    return ImageFilter.Color3DLUT.generate(33, convert)
