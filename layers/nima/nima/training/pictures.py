"""Picture files of training, decoded as the score function decodes an upload."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from nima.assess.phash import perceptual_hash
from nima.errors import PermanentError
from nima.image.decode import read_picture
from nima.image.limits import Limits

_LIMITS = Limits()


def read_frame(path: Path) -> Image.Image:
    """The frame of a picture file.

    Raises:
        OSError: The file cannot be read.
        PermanentError: The score function would refuse it.
    """
    _LIMITS.check_bytes(path.stat().st_size)
    return read_picture(path.read_bytes(), _LIMITS).frame


def hash_of(path: Path) -> str | None:
    """The perceptual hash of a picture file; None where it cannot be read, or the score function would refuse it."""
    try:
        return perceptual_hash(read_frame(path))
    except (OSError, PermanentError):
        return None
