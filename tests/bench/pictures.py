"""Synthetic photographs: as hard to decode and compress as real ones, the same on every run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

_OCTAVES = 7
_GRAIN = 4.0


def write_photograph(path: Path, width: int, height: int, seed: int) -> None:
    """Writes a JPEG of quality 90: clouds in octaves of noise, shapes with hard edges, and sensor grain."""
    rng = np.random.default_rng(seed)
    clouds = np.zeros((height, width, 3), np.float32)
    for octave in range(_OCTAVES):
        cells = rng.normal(0, 40 / (octave + 1), (3 << octave, 4 << octave, 3)).astype(np.float32)
        for channel in range(3):
            layer = Image.fromarray(np.ascontiguousarray(cells[..., channel]))
            clouds[..., channel] += np.asarray(layer.resize((width, height), Image.Resampling.BICUBIC))
    image = Image.fromarray(np.clip(clouds + 120, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for _ in range(60):
        x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
        extent = int(rng.integers(width // 200, width // 8))
        shape = draw.ellipse if rng.random() < 0.5 else draw.rectangle
        shape((x, y, x + extent, y + extent // 2), fill=tuple(rng.integers(0, 256, 3).tolist()))
    grain = rng.standard_normal((height, width, 1), np.float32) * np.float32(_GRAIN)
    pixels = np.clip(np.asarray(image, np.float32) + grain, 0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(path, "JPEG", quality=90)
