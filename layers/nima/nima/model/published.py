"""The published weights: which files they are, where they live and what pins every byte of them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

HOME = "https://raw.githubusercontent.com/idealo/image-quality-assessment/master/models/MobileNet"
LICENCE = "Apache-2.0"
LABELS = "technical: TID2013; aesthetic: AVA"
"""What the published weights were trained on."""


@dataclass(frozen=True)
class Weights:
    """One head's Keras HDF5 file and the git blob id of its content."""

    head: str
    file: str
    blob: str


IDEALO = (
    Weights("technical", "weights_mobilenet_technical_0.11.hdf5", "5e4a4ca2ce639309bfa4038d0bc10ba92b93bd26"),
    Weights("aesthetic", "weights_mobilenet_aesthetic_0.07.hdf5", "003fb321ce92445e41d708144a3656589f9214e7"),
)


def blob_id(content: bytes) -> str:
    """The id under which git stores this content (hex)."""
    # Git's own choice of hash; the length inside the hashed text is fixed as well.
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
