"""How large a picture may be: each limit with its default, its variable and its check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nima import env
from nima.errors import ImageTooLarge, TooManyPixels

MEBIBYTE = 1 << 20
# Pillow refuses to allocate more than this by itself (twice PIL.Image.MAX_IMAGE_PIXELS), so no setting may exceed it.
PILLOW_MAX_PIXELS = 178_956_970

_MAX_MEMORY = 10240


@dataclass(frozen=True)
class Need:
    """Bytes that decoding a file takes at its peak.

    Attributes:
        processes: What the processes hold before the file comes.
        file: What it takes besides, however many pixels it has.
        per_pixel: For each pixel.
    """

    processes: int
    file: int
    per_pixel: float

    def total(self, pixels: int) -> int:
        return round(self.processes + self.file + self.per_pixel * pixels)


@dataclass(frozen=True)
class Limits:
    """Refused before download (bytes), and before decoding and allocation (pixels).

    Attributes:
        max_bytes: Size of the file; ``NIMA_MAX_BYTES``.
        max_pixels: Width times height of the first frame; ``NIMA_MAX_PIXELS``.
        memory: Bytes that the process may take before it is killed; ``AWS_LAMBDA_FUNCTION_MEMORY_SIZE``, in MiB, which
            Lambda sets. None where nobody counts.
    """

    max_bytes: int = 25 * MEBIBYTE
    max_pixels: int = 50_000_000
    memory: int | None = None

    @classmethod
    def from_env(cls, variables: Mapping[str, str]) -> Limits:
        return cls(
            max_bytes=env.integer(variables, "NIMA_MAX_BYTES", cls.max_bytes, 1, 512 * MEBIBYTE),
            max_pixels=env.integer(variables, "NIMA_MAX_PIXELS", cls.max_pixels, 1, PILLOW_MAX_PIXELS),
            memory=env.integer(variables, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", 0, 0, _MAX_MEMORY) * MEBIBYTE or None,
        )

    def check_bytes(self, size: int) -> None:
        """Raises ``ImageTooLarge`` for a file of more than ``max_bytes``."""
        if size > self.max_bytes:
            raise ImageTooLarge(
                f"The file has {size / MEBIBYTE:.1f} MiB; at most {self.max_bytes / MEBIBYTE:.1f} MiB are accepted."
            )

    def check_pixels(self, width: int, height: int) -> None:
        """Raises ``TooManyPixels`` for a picture of more than ``max_pixels``."""
        if width * height > self.max_pixels:
            raise TooManyPixels(
                f"The picture has {width} x {height} pixels ({width * height / 1e6:.1f} million); "
                f"at most {self.max_pixels / 1e6:.1f} million are accepted."
            )

    def check_memory(self, format: str, width: int, height: int, need: Need) -> None:
        """Raises ``TooManyPixels`` where decoding would need more memory than there is.

        A process that is killed for its memory answers nothing, and its event is tried twice more for nothing.
        """
        if self.memory is None or need.total(width * height) <= self.memory:
            return
        most = max(0, self.memory - need.total(0)) / need.per_pixel
        raise TooManyPixels(
            f"The picture has {width} x {height} pixels ({width * height / 1e6:.1f} million); of such a {format} file "
            f"at most {most / 1e6:.1f} million can be decoded in this function's memory."
        )
