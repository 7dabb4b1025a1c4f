"""How a picture was taken, as far as its file's EXIF says so."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Any

from PIL import ExifTags, Image

from nima.image.exif import DAMAGED

# EXIF 2.32: 65535 says that the true one, which is larger, stands in one of the other tags.
_SENSITIVITIES = (
    ExifTags.Base.ISOSpeedRatings,
    ExifTags.Base.RecommendedExposureIndex,
    ExifTags.Base.StandardOutputSensitivity,
    ExifTags.Base.ISOSpeed,
)
_ISO_ELSEWHERE = 65535
_AUTO_BRACKET = 2
_LONGEST_TEXT = 100

# Outside of these a camera's clock or its lens says nothing.
_LEAST_YEAR = 1826
_SHUTTERS = (1e-6, 86_400.0)
_APERTURES = (0.3, 256.0)
_ISOS = (0.5, 20_000_000.0)
_BIASES = (-20.0, 20.0)
_FOCAL_LENGTHS = (0.1, 20_000.0)
_NUMBERS = (0, 2**32)
_OFFSET = re.compile(r"([+-])(\d{2}):?([0-5]\d)")


@dataclass(frozen=True, kw_only=True)
class Capture:
    """How a picture was taken; None where its file does not say so, or says what cannot be.

    Attributes:
        taken: When it was begun, by the camera's clock, to the fraction of a second where that is stated.
        offset: By how much that clock was ahead of UTC.
        shutter: Exposure time in seconds.
        aperture: The f-number.
        iso: The sensitivity.
        bias: Exposure compensation in stops.
        auto_bracket: Whether the camera was set to bracket exposures, which few files tell.
        focal_length: In millimetres, as it is engraved.
        camera: Make and model.
        serial: The camera body's serial number.
        lens: The lens's model.
        lens_serial: The lens's serial number.
        owner: Whose camera it says that it is.
        number: The picture's number by the camera's count.
    """

    taken: datetime | None = None
    offset: timedelta | None = None
    shutter: float | None = None
    aperture: float | None = None
    iso: float | None = None
    bias: float | None = None
    auto_bracket: bool = False
    focal_length: float | None = None
    camera: str | None = None
    serial: str | None = None
    lens: str | None = None
    lens_serial: str | None = None
    owner: str | None = None
    number: int | None = None

    @classmethod
    def of(cls, exif: Image.Exif) -> Capture:
        """What an EXIF block says. A damaged one says what can be read of it."""
        tags = _tags(exif)
        base = ExifTags.Base
        return cls(
            taken=_moment(tags.get(base.DateTimeOriginal), tags.get(base.SubsecTimeOriginal)),
            offset=_offset(tags.get(base.OffsetTimeOriginal)) or _offset(tags.get(base.OffsetTime)),
            shutter=_within(_SHUTTERS, tags.get(base.ExposureTime), _power(tags.get(base.ShutterSpeedValue), -1.0)),
            # A lens without contacts has an aperture of 0, which as a power of two would be f/1.
            aperture=_within(_APERTURES, tags.get(base.FNumber), _power(tags.get(base.ApertureValue) or None, 0.5)),
            iso=_within(_ISOS, *(_first(tags.get(tag), but=_ISO_ELSEWHERE) for tag in _SENSITIVITIES)),
            bias=_within(_BIASES, tags.get(base.ExposureBiasValue)),
            auto_bracket=tags.get(base.ExposureMode) == _AUTO_BRACKET,
            focal_length=_within(_FOCAL_LENGTHS, tags.get(base.FocalLength)),
            camera=_camera(_text(tags.get(base.Make)), _text(tags.get(base.Model))),
            serial=_text(tags.get(base.BodySerialNumber)) or _text(tags.get(base.CameraSerialNumber)),
            lens=_text(tags.get(base.LensModel)),
            lens_serial=_text(tags.get(base.LensSerialNumber)),
            owner=_text(tags.get(base.CameraOwnerName)),
            number=_whole(_within(_NUMBERS, tags.get(base.ImageNumber))),
        )

    def stops_over(self, other: Capture) -> float | None:
        """By how many stops its exposure was longer, wider or more sensitive than another's.

        What neither file states, as the f-number of a lens without contacts, counts as equal. None where a shutter
        speed is not known, or one of the two states what the other does not.
        """
        if self.shutter is None or other.shutter is None:
            return None
        ratio = self.shutter / other.shutter
        for mine, others, power in ((self.aperture, other.aperture, -2), (self.iso, other.iso, 1)):
            if (mine is None) != (others is None):
                return None
            if mine is not None and others is not None:
                ratio *= (mine / others) ** power
        return math.log2(ratio)

    def seconds_after(self, other: Capture) -> float | None:
        """By how many seconds it was begun after another; None where that cannot be told.

        Clocks are compared by UTC where both state their offset, else as they are.
        """
        if self.taken is None or other.taken is None:
            return None
        apart = self.taken - other.taken
        if self.offset is not None and other.offset is not None:
            apart -= self.offset - other.offset
        return apart.total_seconds()

    def may_be_of(self, other: Capture) -> bool:
        """Whether one camera may have taken both: nothing that both state tells two."""
        pairs = ((self.camera, other.camera), (self.serial, other.serial), (self.owner, other.owner))
        return all(one is None or two is None or one == two for one, two in pairs)

    def to_json(self) -> dict[str, Any]:
        """As JSON types."""
        return asdict(self) | {
            "taken": self.taken and self.taken.isoformat(),
            "offset": None if self.offset is None else self.offset.total_seconds(),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Capture:
        """Reads what ``to_json`` of this or another release wrote; what cannot be read says nothing."""
        known = {name: document[name] for name in cls.__dataclass_fields__ if document.get(name) is not None}
        try:
            taken, offset = known.pop("taken", None), known.pop("offset", None)
            return replace(
                cls(**known),
                taken=None if taken is None else datetime.fromisoformat(taken),
                offset=None if offset is None else timedelta(seconds=offset),
            )
        except (TypeError, ValueError, OverflowError):
            return cls()


def _tags(exif: Image.Exif) -> dict[int, Any]:
    """The block's tags by number; those of the EXIF directory before those that some files have beside it."""
    found: dict[int, Any] = {}
    with suppress(*DAMAGED):
        found |= dict(exif)
    with suppress(*DAMAGED):
        found |= exif.get_ifd(ExifTags.IFD.Exif)
    return found


def _within(bounds: tuple[float, float], *stated: Any) -> float | None:
    """The first of some values that is a number within bounds."""
    for one in stated:
        try:
            value = float(_first(one))
        except DAMAGED:
            continue
        if math.isfinite(value) and bounds[0] <= value <= bounds[1]:
            return value
    return None


def _first(stated: Any, but: float | None = None) -> Any:
    """A value, the first of several; not one that stands for none."""
    value = next(iter(stated), None) if isinstance(stated, Iterable) and not isinstance(stated, str | bytes) else stated
    return None if value == but else value


def _power(stated: Any, factor: float) -> float | None:
    """A value of the APEX system, as the power of two that it stands for."""
    value = _within((-100.0, 100.0), stated)
    return None if value is None else 2.0 ** (value * factor)


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def _text(stated: Any) -> str | None:
    """A text as far as it is printable; None where nothing of it is."""
    if isinstance(stated, bytes):
        stated = stated.decode(errors="replace")
    if not isinstance(stated, str):
        return None
    shown = "".join(letter for letter in stated.split("\0")[0] if letter.isprintable())
    return shown.strip()[:_LONGEST_TEXT] or None


def _camera(make: str | None, model: str | None) -> str | None:
    """Make and model, the make once."""
    if make and model and not model.lower().startswith(make.split()[0].lower()):
        return f"{make} {model}"
    return model or make


def _moment(stated: Any, fraction: Any) -> datetime | None:
    try:
        taken = datetime.strptime(_text(stated) or "", "%Y:%m:%d %H:%M:%S")
    except ValueError:
        return None
    if taken.year < _LEAST_YEAR:
        return None
    digits = (_text(fraction) or "").strip()
    return taken.replace(microsecond=int(digits[:6].ljust(6, "0"))) if digits.isascii() and digits.isdigit() else taken


def _offset(stated: Any) -> timedelta | None:
    text = _text(stated) or ""
    if text == "Z":
        return timedelta(0)
    found = _OFFSET.fullmatch(text)
    if not found:
        return None
    size = timedelta(hours=int(found[2]), minutes=int(found[3]))
    try:
        return timezone(-size if found[1] == "-" else size).utcoffset(None)
    except ValueError:
        return None
