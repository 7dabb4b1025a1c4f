"""What a distillation is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nima.errors import InvalidRequest
from nima.model.manifest import InputSpec
from nima.training.distill import data_list
from nima.training.networks.architecture import Architecture, input_spec


@dataclass(frozen=True)
class Distillation:
    """A distillation.

    Attributes:
        teacher: The teacher's model folder.
        architecture: The student.
        folders: The folder of each collection of the data list.
        entries: The data list.
        rounds: How many rounds of samples are made.
        seed: Of the samples.
        batch_size: Pictures in a batch.
        epoch_share: Share of all samples that one epoch draws.
        clean_repeats: How often as many of round 0, the pictures as they are, it draws.
        mixtures: How many rounds of mixtures of two pictures are made.
        mixture_share: Share of them that one epoch draws.
        ladders: How many rounds are made of some of the pictures in falling steps.
        ladder_share: Share of them that one epoch draws.
        teacher_alone: Whether technical labels are the teacher's only, those of noise and blur too; people's scores
            and pictures in falling steps are left to a later run.
        in_batches: Whether the teacher is asked in batches on Keras's backend, as a GPU wants it.
        keep_answers: Whether the technical labels of pictures whose quality is not changed are what the start says of
            them instead of the teacher's, with a large weight.
        aesthetic_weight: What the weights of aesthetic labels are multiplied by.
        kept_weight: The weight of an answer that is kept.
        ladder_weight: What the weights of the order of falling steps are multiplied by.
        people_weight: What those of the order of people's scores are multiplied by.
        kodak: Folder of the Kodak photographs, for TID2013's human scores; None goes without.
        human_scores: JSON of TID2013's distributions.
        start: ``teacher`` starts from the teacher's weights (a mean, where it has a trunk for each head); else a
            model folder, a file of weights of the trunk, or None.
        aesthetic_share: The share of the teacher's trunk for the aesthetic head in that mean, 0..1.
    """

    teacher: Path
    architecture: Architecture
    folders: Mapping[str, Path]
    entries: Sequence[data_list.Entry]
    rounds: int
    seed: int
    batch_size: int = 32
    epoch_share: float = 0.25
    clean_repeats: float = 1.0
    mixtures: int = 0
    mixture_share: float = 0.5
    ladders: int = 0
    ladder_share: float = 0.25
    teacher_alone: bool = False
    in_batches: bool = False
    keep_answers: bool = False
    aesthetic_weight: float = 1.0
    kept_weight: float = 30.0
    ladder_weight: float = 1.0
    people_weight: float = 1.0
    kodak: Path | None = None
    human_scores: Path | None = None
    start: str | Path | None = None
    aesthetic_share: float = 0.5

    @property
    def spec(self) -> InputSpec:
        """The student's input."""
        return input_spec(self.architecture)

    def pictures(self, split: str) -> list[tuple[Path, float]]:
        """The files of a split with their shares.

        Raises:
            InvalidRequest: The list names a collection that has no folder.
        """
        if missing := {entry.collection for entry in self.entries} - set(self.folders):
            raise InvalidRequest(f"There is no folder for the collections {', '.join(sorted(missing))}.")
        return [(self.folders[e.collection] / e.picture, e.share) for e in self.entries if e.split == split]
