"""What a network is: its trunk, its heads and the names of its parts."""

from __future__ import annotations

from dataclasses import dataclass

from nima.errors import InvalidRequest
from nima.model.manifest import HEADS, KERNELS, InputSpec, Manifest

APPLICATIONS = {
    "mobilenet": "MobileNet",
    "mobilenet_v2": "MobileNetV2",
    "mobilenet_v3_small": "MobileNetV3Small",
    "mobilenet_v3_large": "MobileNetV3Large",
}
"""The trunks of ``keras.applications`` by their names here."""
BACKBONES = (*APPLICATIONS, "mobilenet_folded")
TRUNK, DETAIL, STANDARD = "trunk", "detail", "standard"
JOINED, HIDDEN, SEVERITY = "joined", "technical_hidden", "technical_severity"
SEVERITY_PATH = (STANDARD, f"{STANDARD}_dropout", HIDDEN, f"{HIDDEN}_dropout", SEVERITY)
"""The layers that make the severity out of what it sees, ``JOINED``."""
BRANCHES = {head: f"{head}_branch" for head in HEADS}


EVERYTHING = 10_000
"""More layers than any network has, for ``freeze``."""


@dataclass(frozen=True)
class Architecture:
    """A network.

    Attributes:
        backbone: One of ``BACKBONES``.
        alpha: Width of the trunk, 1 for the published one.
        side: Side of the square input in pixels.
        tile: Rows of full detail below it; 0 goes without.
        fork: Width of the last block where each head has its own last two (``mobilenet_folded`` only); 0 goes without.
        hidden: Width of the technical head's hidden layer (``mobilenet_folded`` only); 0 goes without.
        kernel: What brings a picture to the input's size, one of ``nima.model.manifest.KERNELS``.
        heads: The heads on the trunk, in the order of ``nima.model.manifest.HEADS``.
        dropout: Share of the features dropped before the heads in training, 0..1.
    """

    backbone: str = "mobilenet_v2"
    alpha: float = 1.0
    side: int = 224
    heads: tuple[str, ...] = HEADS
    dropout: float = 0.2
    tile: int = 0
    fork: int = 0
    hidden: int = 0
    kernel: str = "bicubic"

    def __post_init__(self) -> None:
        if self.backbone not in BACKBONES:
            raise InvalidRequest(f"The backbone {self.backbone!r} is not one of {', '.join(BACKBONES)}.")
        if not self.heads or any(head not in HEADS for head in self.heads):
            raise InvalidRequest(f"The heads must be some of {', '.join(HEADS)}.")
        if (self.fork or self.hidden) and self.backbone != "mobilenet_folded":
            raise InvalidRequest("Only a folded MobileNet forks or has a hidden layer.")
        if self.kernel not in KERNELS:
            raise InvalidRequest(f"The kernel {self.kernel!r} is not one of {', '.join(KERNELS)}.")


def input_spec(architecture: Architecture) -> InputSpec:
    """A network's input."""
    side = architecture.side
    return InputSpec(width=side, height=side, kernel=architecture.kernel, tile=architecture.tile)


def of_model(manifest: Manifest, head: str | None = None) -> Architecture:
    """The architecture of a served model: what its training says, else the trunk of its input's size.

    Args:
        manifest: The model's manifest.
        head: Which head's, of a model whose head that was not rated has the network that it had before.

    Raises:
        InvalidRequest: What its training says is no architecture.
    """
    spec, training = manifest.input, manifest.training
    unrated = training.get("unrated", {})
    known = (unrated if head and head == unrated.get("head") else training).get("architecture", {})
    try:
        fields = {
            "backbone": "mobilenet_folded",
            "side": spec.width,
            "tile": spec.tile,
            "kernel": spec.kernel,
            **known,
        }
        return Architecture(**{**fields, "heads": tuple(fields.get("heads", HEADS))})
    except TypeError as error:
        raise InvalidRequest(f"The manifest of {manifest.id} describes no architecture: {error}") from error
