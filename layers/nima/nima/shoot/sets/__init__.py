"""Frames that were taken to be made into one picture: exposure brackets, focus stacks, panoramas."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from nima.shoot.frames import Frame
from nima.shoot.sets.brackets import bracket
from nima.shoot.sets.panoramas import panorama
from nima.shoot.sets.stacks import stack

FINDERS: Mapping[str, Callable[[Sequence[Frame]], int]] = {"bracket": bracket, "stack": stack, "panorama": panorama}
"""By the kind of set: how many of some frames, from the first one on, are one; 0 where they are none."""


def find_sets(frames: Sequence[Frame]) -> Iterator[tuple[str | None, tuple[Frame, ...]]]:
    """Takes one camera's frames apart, in their order: each set with its kind, each other frame alone, with None."""
    place = 0
    while place < len(frames):
        left = frames[place:]
        sizes = {kind: find(left) for kind, find in FINDERS.items()}
        kind = max(sizes, key=lambda kind: sizes[kind])
        size = sizes[kind]
        yield (kind, tuple(left[:size])) if size else (None, (left[0],))
        place += size or 1
