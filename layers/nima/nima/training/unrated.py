"""The head that is not rated: after a fine-tuning it answers as the model does that training began with."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nima.errors import InvalidRequest
from nima.model.manifest import FILE_NAME, HEADS, InputSpec, Manifest
from nima.model.votes import Votes
from nima.training.networks.architecture import Architecture, input_spec, of_model
from nima.training.networks.restrict import restricted

START = "start"
"""The folder, in that of a run, of the model that it began with."""


def other_head(head: str) -> str:
    """The head that is not the rated one."""
    return next(other for other in HEADS if other != head)


def shares_network(start: Manifest) -> bool:
    """Whether what a rated head of this model learns can be kept apart from its other head in one network.

    It can where the trunk forks: what both have in common stays as it is. Elsewhere hardly anything would be left to be
    trained, and the head that is not rated keeps a network of its own.
    """
    return len(start.files) == 1 and of_model(start).fork > 0


def check_input(start: Manifest, architecture: Architecture) -> None:
    """Checks that a network can be served beside the head that is not rated, on the same prepared pixels.

    Raises:
        InvalidRequest: It sees pictures in another way.
    """
    spec = input_spec(architecture)
    if spec.tile not in (0, start.input.tile) or within(spec, start.input) != start.input:
        raise InvalidRequest(
            f"The head that is not rated stays as it is in {start.id}, which sees {_named(start.input)}; this network "
            f"would see {_named(spec)}. Leave out --side and --tile, or start from another --model."
        )


def within(spec: InputSpec, other: InputSpec) -> InputSpec:
    """An input with as many rows of full detail below it as another one has."""
    return InputSpec(**{**asdict(spec), "tile": other.tile})


def keep_start(run: Path, start: Path) -> None:
    """Copies the model that a run begins with into the run's folder, whole or not at all; one that is there stays."""
    if (run / START).exists():
        return
    part = Path(tempfile.mkdtemp(prefix=f".{START}-", dir=run))
    for name in (FILE_NAME, *Manifest.read(start).contents):
        shutil.copyfile(start / name, part / name)
    part.rename(run / START)


@dataclass(frozen=True)
class Unrated:
    """The head of a run that was not rated.

    Attributes:
        head: Which one.
        folder: The folder of the model that the run began with.
        start: Its manifest.
        alone: Whether it has a network of its own, beside that of the run.
    """

    head: str
    folder: Path
    start: Manifest
    alone: bool

    @classmethod
    def of_run(cls, run: Path, architecture: Architecture, document: Mapping[str, Any]) -> Unrated | None:
        """That of a run; None of runs that train both heads, as distillations and those of earlier releases do.

        Raises:
            InvalidRequest: The run is of one head, and says nothing of the other one.
            ModelUnavailable: What it began with is damaged.
        """
        head = document.get("task", {}).get("head")
        if not head or not (run / START).is_dir():
            if architecture.heads != HEADS:
                raise InvalidRequest(
                    f"A model is served with both heads; this run has {', '.join(architecture.heads)}."
                )
            return None
        return cls(other_head(head), run / START, Manifest.read(run / START), architecture.heads != HEADS)

    @property
    def votes(self) -> dict[str, Votes]:
        """The output layer of the head, if it has one."""
        return {head: votes for head, votes in self.start.votes.items() if head == self.head}

    def network(self) -> bytes:
        """The LiteRT file of the head alone: it answers exactly as that of the model that the run began with."""
        (file,) = (file for file in self.start.files if self.head in file.heads)
        content = (self.folder / file.path).read_bytes()
        return content if len(file.heads) == 1 else restricted(content, file.heads, (self.head,))

    def facts(self) -> dict[str, Any]:
        """What a manifest says of it beside what it says of itself: as ``nima.model.install.Origin`` has it."""
        return {
            "votes": self.votes,
            **{
                group: {head: found for head, found in getattr(self.start, group).items() if head == self.head}
                for group in ("population", "products")
            },
        }

    def to_json(self) -> dict[str, Any]:
        """What a manifest says of the training of a head that has a network of its own."""
        own = {**asdict(of_model(self.start, self.head)), "heads": (self.head,)}
        return {"head": self.head, "model": self.start.name, "architecture": own}


def _named(spec: InputSpec) -> str:
    tile = f" and {spec.tile} rows of full detail" if spec.tile else ""
    return f"{spec.width} x {spec.height} pixels ({spec.kernel}){tile}"
