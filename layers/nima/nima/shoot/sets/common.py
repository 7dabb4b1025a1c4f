"""What frames of any set have in common."""

from __future__ import annotations

from collections.abc import Sequence

from nima.shoot.frames import Frame, gap

PAUSE = 15.0
"""Most seconds between two frames of a set: a hand turns a ring or a head in between."""

LEAST = 3
"""Frames that a set has at least: two may be by chance what a set is by intent."""

MOST_PASSED = 6
"""Most frames between two of a set that are none of it, as another body took them at the same time."""

SAME_EXPOSURE = 0.1
"""Stops within which two exposures are one."""

_FOCAL = 0.02
_SHAPE = 0.03  # RAW has a few rows and columns more than the same camera's JPEG


def are_enough(frames: Sequence[Frame]) -> bool:
    """Whether frames are enough for a set, with those before, between and after them that cannot be read."""
    return len(frames) > 1 and len(frames) + frames[0].lost[0] + sum(one.lost[1] for one in frames) >= LEAST


def follows(earlier: Frame, later: Frame) -> bool:
    """Whether one frame may be the next of a set: soon after the other, and through the same lens as it was zoomed."""
    return soon_after(earlier, later) and is_same_setup(earlier, later)


def soon_after(earlier: Frame, later: Frame) -> bool:
    """Whether a frame was taken soon after another.

    Where no moment is stated, the order of the names is all that there is. One between that cannot be read takes as
    long again.
    """
    pause = gap(earlier, later)
    return pause is None or pause <= PAUSE * (2 if earlier.lost[1] else 1)


def may_pass(earlier: Frame, later: Frame) -> bool:
    """Whether a set may go on behind a frame that is none of it: where moments tell that it was taken in between."""
    return gap(earlier, later) is not None


def is_same_setup(earlier: Frame, later: Frame) -> bool:
    """Whether two frames were taken with one camera, through one lens, zoomed alike, and are of one shape."""
    one, other = earlier.capture, later.capture
    if not one.may_be_of(other) or not _are_of_one_shape(earlier, later):
        return False
    if one.lens and other.lens and one.lens != other.lens:
        return False
    if one.focal_length is None or other.focal_length is None:
        return one.focal_length == other.focal_length
    return abs(one.focal_length - other.focal_length) <= _FOCAL * one.focal_length


def _are_of_one_shape(one: Frame, other: Frame) -> bool:
    """Whether two frames are as wide for their height, as those of one camera are that is held alike."""
    first, second = one.assessment.image, other.assessment.image
    across, down = first.width * second.height, second.width * first.height
    return abs(across - down) <= _SHAPE * max(across, down)


def same_exposure(one: Frame, other: Frame, stops: float = SAME_EXPOSURE) -> bool:
    """Whether two frames were exposed alike, as far as is stated; of neither of which it is, they were."""
    if one.capture.shutter is None and other.capture.shutter is None:
        return True
    difference = one.capture.stops_over(other.capture)
    return difference is not None and abs(difference) <= stops
