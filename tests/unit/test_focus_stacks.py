"""Which frames are a focus stack, by what is sharp in them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from PIL import Image

from nima.shoot.frames import Frame
from nima.shoot.groups import Rules, group
from tests.pictures import scene
from tests.shoots import NOON, defocused, focused, frame, shaken, stack, view


def grouped(frames: Sequence[Frame]) -> list[tuple[str, list[str]]]:
    return [(one.kind, [frame.name for frame in one.frames]) for one in group(frames, Rules())]


def kinds(pictures: Sequence[Image.Image], pause: float) -> list[str]:
    return [
        kind for kind, _ in grouped([frame(f"{place}.jpg", one, pause * place) for place, one in enumerate(pictures)])
    ]


@pytest.mark.parametrize(("count", "pause"), [(3, 6.0), (5, 5.5), (9, 0.1)])
def test_a_stack_is_known_by_what_is_sharp(count: int, pause: float) -> None:
    frames = [frame(str(place), one, pause * place) for place, one in enumerate(stack(count=count))]
    assert grouped(frames) == [("stack", [str(place) for place in range(count)])]


def test_a_burst_from_a_stand_is_no_stack_however_its_frames_are_spoilt() -> None:
    sharp = view()
    spoilt = [shaken(sharp), sharp, defocused(sharp, 2), shaken(sharp, upright=True), sharp, defocused(sharp, 4)]
    frames = [frame(str(place), one, 0.3 * place) for place, one in enumerate(spoilt)]
    assert [kind for kind, _ in grouped(frames)] == ["burst"]


def test_a_subject_that_walks_through_makes_no_stack() -> None:
    walker = scene(180, 280, seed=7)
    frames = []
    for place in range(6):
        picture = defocused(view(), 3)
        picture.paste(walker, (30 + 75 * place, 100))
        frames.append(frame(str(place), picture, 0.4 * place))
    assert "stack" not in {kind for kind, _ in grouped(frames)}


def test_a_stack_of_differing_exposures_is_none() -> None:
    frames = [frame(str(n), one, 5.0 * n, shutter=0.01 * 2 ** (n % 2)) for n, one in enumerate(stack())]
    assert "stack" not in {kind for kind, _ in grouped(frames)}


def test_a_missed_focus_in_a_burst_makes_no_stack() -> None:
    near, far = stack(count=3)[0], stack(count=3)[2]
    frames = [frame(str(place), far if place == 1 else near, 0.2 * place) for place in range(6)]
    assert "stack" not in {kind for kind, _ in grouped(frames)}


@pytest.mark.parametrize("count", [4, 7])
def test_a_lens_that_breathes_makes_a_stack(count: int) -> None:
    """Each frame is a little narrower than the one before, as the angle of view follows the focus."""
    frames = []
    for place, one in enumerate(stack(count=count)):
        rim = round(18 * place / (count - 1))
        frames.append(one.crop((rim, rim, one.width - rim, one.height - rim)).resize(one.size))
    assert kinds(frames, 5) == ["stack"]


def test_a_stack_whose_last_frames_are_focused_on_plain_sky_is_whole() -> None:
    picture = np.asarray(view()).copy()
    picture[: picture.shape[0] * 2 // 5] = 200
    assert kinds(list(focused(Image.fromarray(picture), 6)), 4) == ["stack"]


def test_the_burst_after_a_stack_is_none_of_it() -> None:
    burst = [view(), defocused(view(), 2), view(), view()]
    pictures = [*stack(count=5), *burst]
    found = grouped([frame(f"{place}.jpg", one, 0.5 * place) for place, one in enumerate(pictures)])
    assert found[0] == ("stack", [f"{place}.jpg" for place in range(5)])
    assert {kind for kind, _ in found[1:]} == {"burst"}


@pytest.mark.parametrize("radii", [(0, 1, 2), (3, 1.5, 0), (2, 0, 2)])
def test_frames_ever_farther_out_of_focus_are_no_stack(radii: tuple[float, ...]) -> None:
    frames = [defocused(view(right=0.004 * place), radius) for place, radius in enumerate(radii)]
    assert kinds(frames, 0.3) == ["burst"]


def test_hundreds_of_frames_whose_focus_comes_and_goes_take_no_time() -> None:
    """As of waves from a stand; each frame once would be looked at with all that follow."""
    near, far = stack(count=3)[0], stack(count=3)[2]
    looks = frame("near", near), frame("far", far)
    frames = [
        replace(
            looks[place % 2],
            name=f"{place}.jpg",
            capture=replace(looks[0].capture, taken=NOON + timedelta(seconds=5 * place)),
        )
        for place in range(250)
    ]
    began = time.process_time()
    assert "stack" not in {kind for kind, _ in grouped(frames)}
    assert time.process_time() - began < 20
