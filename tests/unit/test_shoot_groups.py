"""Which frames of a shoot belong together: bursts by time and likeness, versions of one shot, and sets."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nima.shoot.frames import Frame
from nima.shoot.groups import Rules, group
from nima.training.defects.light import exposed
from tests.pictures import scene
from tests.shoots import SIZE, bracket, defocused, frame, panorama, shaken, stack, view


def grouped(frames: Sequence[Frame], rules: Rules | None = None) -> list[tuple[str, list[str]]]:
    return [(one.kind, [frame.name for frame in one.frames]) for one in group(frames, rules or Rules())]


# Bursts


def test_frames_soon_after_each_other_that_look_alike_are_a_burst() -> None:
    frames = [frame(str(place), view(right=0.01 * place), 0.3 * place) for place in range(5)]
    assert grouped(frames) == [("burst", ["0", "1", "2", "3", "4"])]


def test_neither_time_nor_likeness_is_enough_alone() -> None:
    alike_but_later, at_once_but_unlike = frame("later", view(), 60), frame("other", view(2), 0.5)
    found = grouped([frame("first", view(), 0), alike_but_later, at_once_but_unlike])
    assert found == [("single", ["first"]), ("single", ["other"]), ("single", ["later"])]


@pytest.mark.parametrize(
    "spoilt",
    [
        view(right=0.05),
        view(down=0.05),
        view(turned=4),
        shaken(view()),
        defocused(view(), 6),
        exposed(view(), -2),
        exposed(view(), 1.5),
        shaken(exposed(view(right=0.04), -1)),
    ],
    ids=["moved", "moved up", "turned", "shaken", "out of focus", "dark", "bright", "all of it"],
)
def test_a_spoilt_frame_stays_in_its_burst(spoilt: Image.Image) -> None:
    frames = [frame("1", view(), 0), frame("2", spoilt, 0.4), frame("3", view(), 0.8)]
    assert grouped(frames) == [("burst", ["1", "2", "3"])]


def test_how_long_a_burst_pauses_can_be_set() -> None:
    frames = [frame("1", view(), 0), frame("2", view(), 3)]
    assert len(grouped(frames)) == 2
    assert len(grouped(frames, Rules(burst=3))) == 1


def test_a_pause_is_counted_from_the_end_of_an_exposure() -> None:
    frames = [frame("1", view(), 0, shutter=4.0), frame("2", view(), 5, shutter=4.0)]
    assert grouped(frames) == [("burst", ["1", "2"])]


def test_how_much_alike_frames_have_to_be_can_be_set() -> None:
    frames = [frame("1", view(), 0), frame("2", view(right=0.05, turned=3), 1)]
    assert len(grouped(frames, Rules(similar=8))) == 1
    assert len(grouped(frames, Rules(similar=2))) == 2
    assert len(grouped(frames, Rules(similar=0))) == 2


def test_two_subjects_in_turn_are_two_bursts() -> None:
    frames = [frame(f"{seed}{place}", view(seed), place + 0.5 * seed) for place in range(4) for seed in (0, 1)]
    assert [names for _, names in grouped(frames)] == [["00", "01", "02", "03"], ["10", "11", "12", "13"]]


def test_two_cameras_are_two_shoots() -> None:
    frames = [frame(f"{serial}{place}", view(), 0.2 * place, serial=serial) for place in range(3) for serial in "AB"]
    assert [names for _, names in grouped(frames)] == [["A0", "A1", "A2"], ["B0", "B1", "B2"]]


def test_the_order_of_files_says_nothing() -> None:
    frames = [frame(f"{seed}{place}", view(seed), 20 * seed + 0.3 * place) for place in range(3) for seed in range(3)]
    expected = grouped(frames)
    random.Random(1).shuffle(frames)
    assert grouped(frames) == expected
    assert [len(names) for _, names in expected] == [3, 3, 3]


# No moment


def test_without_a_moment_frames_have_to_be_nearly_the_same() -> None:
    same, near = frame("same", defocused(view(), 1), None), frame("near", view(right=0.03), None)
    assert grouped([frame("one", view(), None), same, near]) == [("single", ["near"]), ("burst", ["one", "same"])]


def test_a_frame_without_a_moment_goes_to_what_it_is_nearly_the_same_as() -> None:
    frames = [frame("1.jpg", view(), 0), frame("2.jpg", view(), 1), frame("web.jpg", view(), None)]
    assert grouped([*frames, frame("other.jpg", view(2), None)]) == [
        ("burst", ["1.jpg", "2.jpg", "web.jpg"]),
        ("single", ["other.jpg"]),
    ]


# Files of one shot


def test_copies_are_one_wherever_they_lie_and_whatever_they_state() -> None:
    frames = [frame("a.jpg", view(), 0, content="x"), frame("old/a.jpg", view(2), 9999, content="x")]
    assert grouped(frames) == [("burst", ["a.jpg", "old/a.jpg"])]


def test_an_edited_crop_is_of_its_shot_by_the_fraction_of_its_second() -> None:
    whole = view()
    crop = whole.crop((40, 0, 560, 400))
    frames = [frame("IMG.jpg", whole, 0.835), frame("IMG_E.jpg", crop.resize(SIZE), 0.835)]
    assert len(grouped(frames)) == 1
    whole_seconds = [frame("IMG.jpg", whole, 1), frame("IMG_E.jpg", view(2), 1)]
    assert len(grouped(whole_seconds)) == 2, "a clock of whole seconds says nothing of one shot"


def test_a_copy_of_one_of_a_set_stays_with_the_set() -> None:
    frames = [
        frame(f"{place}.jpg", one, place, shutter=0.01 * 4**place, content=str(place))
        for place, one in enumerate(bracket(stops=(-2, 0, 2)))
    ]
    copy = replace(frames[1], name="copy of 1.jpg")
    assert grouped([*frames, copy]) == [("bracket", ["0.jpg", "1.jpg", "copy of 1.jpg", "2.jpg"])]


# Brackets

STOPS = {0.0: 0.01, -2.0: 0.0025, 2.0: 0.04}


def taken_as_bracket(start: float = 0.0, step: float = 0.4, **capture: Any) -> list[Frame]:
    return [
        frame(f"{start}-{place}", one, start + step * place, shutter=shutter, **capture)
        for place, (one, shutter) in enumerate(zip(bracket(), STOPS.values(), strict=True))
    ]


def test_exposures_in_even_steps_are_a_bracket_though_no_tag_says_so() -> None:
    assert [kind for kind, _ in grouped(taken_as_bracket())] == ["bracket"]


@pytest.mark.parametrize("step", [0.2, 5.0], ids=["by the camera", "by hand"])
def test_brackets_one_after_the_other_are_taken_apart(step: float) -> None:
    found = grouped([*taken_as_bracket(0, step), *taken_as_bracket(3 * step, step)])
    assert [(kind, len(names)) for kind, names in found] == [("bracket", 3), ("bracket", 3)]


@pytest.mark.parametrize(
    "exposures",
    [
        [{"aperture": stop} for stop in (8.0, 16.0, 4.0)],
        [{"iso": iso} for iso in (400.0, 100.0, 1600.0)],
        [{"shutter": time, "aperture": None} for time in (0.01, 0.0025, 0.04)],
    ],
    ids=["aperture", "sensitivity", "a lens without contacts"],
)
def test_exposure_is_shutter_aperture_and_sensitivity(exposures: list[dict[str, Any]]) -> None:
    frames = [
        frame(str(place), one, place, **capture)
        for place, (one, capture) in enumerate(zip(bracket(), exposures, strict=True))
    ]
    assert [kind for kind, _ in grouped(frames)] == ["bracket"]


def test_a_burst_before_and_after_a_bracket_is_none_of_it() -> None:
    before = [frame(f"before {place}", view(), place / 5) for place in range(3)]
    after = [frame(f"after {place}", view(), 3 + place / 5) for place in range(3)]
    found = grouped([*before, *taken_as_bracket(1), *after])
    assert ("bracket", ["1-0", "1-1", "1-2"]) in found
    assert sorted(len(names) for _, names in found) == [3, 6] or sorted(len(names) for _, names in found) == [3, 3, 3]


def test_two_single_shots_are_no_bracket() -> None:
    frames = [frame("dark", exposed(view(), -1), 0, shutter=0.005), frame("better", view(), 4)]
    assert [kind for kind, _ in grouped(frames)] == ["single", "single"]


def test_two_are_a_bracket_where_the_camera_says_so() -> None:
    frames = [
        frame(str(place), exposed(view(), by), place / 2, shutter=0.01 * 2**by, auto_bracket=True)
        for place, by in enumerate((-1, 1))
    ]
    assert [kind for kind, _ in grouped(frames)] == ["bracket"]


def test_a_camera_that_follows_the_light_makes_no_bracket() -> None:
    """Its exposures differ, and its pictures are as bright."""
    frames = [frame(str(place), view(), place, shutter=0.01 * 2**place) for place in range(3)]
    assert "bracket" not in {kind for kind, _ in grouped(frames)}


def test_a_bracket_of_a_night_is_one_though_its_pictures_are_nearly_black() -> None:
    night = exposed(view(), -9)
    frames = [frame(str(n), exposed(night, by), n, shutter=4 * 2.0**by) for n, by in enumerate((0, -1, 1))]
    assert frames[2].look is not None
    assert frames[2].look.light.mean() < 6
    assert [kind for kind, _ in grouped(frames)] == ["bracket"]


def test_unlike_views_are_no_bracket() -> None:
    frames = [
        frame(str(place), exposed(view(place), by), place, shutter=0.01 * 2**by) for place, by in enumerate((0, -2, 2))
    ]
    assert {kind for kind, _ in grouped(frames)} == {"single"}


# Panoramas


@pytest.mark.parametrize("step", [0.25, 0.5, 0.7])
def test_overlapping_views_are_a_panorama(step: float) -> None:
    frames = [frame(str(place), one, 1.5 * place) for place, one in enumerate(panorama(step=step))]
    assert grouped(frames) == [("panorama", ["0", "1", "2", "3"])]


def test_a_panorama_may_be_taken_upright_and_backwards() -> None:
    turned = [one.rotate(90, expand=True) for one in reversed(panorama())]
    frames = [frame(str(place), one, 1.5 * place) for place, one in enumerate(turned)]
    assert [kind for kind, _ in grouped(frames)] == ["panorama"]


@pytest.mark.parametrize(
    "capture",
    [{"focal_length": 24.0}, {"shutter": 0.08}, {"at": 60.0}],
    ids=["zoomed", "exposed otherwise", "a minute later"],
)
def test_what_is_taken_otherwise_is_not_of_the_panorama(capture: dict[str, Any]) -> None:
    views = panorama()
    frames = [frame(str(place), one, 1.5 * place) for place, one in enumerate(views[:3])]
    at = capture.pop("at", 4.5)
    found = grouped([*frames, frame("3", views[3], at, **capture)])
    assert found == [("panorama", ["0", "1", "2"]), ("single", ["3"])]


def test_a_front_of_windows_is_a_panorama_though_it_repeats_itself() -> None:
    """Each view lies on the next one about as well a window farther on."""
    rng = np.random.default_rng(3)
    front = np.full((400, 1700), 170, np.uint8)
    for left in range(0, 1700, 100):
        for top in range(0, 400, 100):
            front[top + 25 : top + 85, left + 20 : left + 70] = rng.integers(30, 90)
    views = [Image.fromarray(front[:, left : left + 600]).convert("RGB") for left in (0, 330, 700, 1050)]
    frames = [frame(str(place), one, 1.5 * place) for place, one in enumerate(views)]
    assert [kind for kind, _ in grouped(frames)] == ["panorama"]


def test_views_of_unlike_shapes_are_no_panorama() -> None:
    for parts, kinds in (((1.0, 1.0, 0.99, 1.0), ["panorama"]), ((1.0, 0.9, 1.0, 0.9), ["single"] * 4)):
        views = [
            one.crop((0, 0, one.width, round(part * one.height))) for one, part in zip(panorama(), parts, strict=True)
        ]
        frames = [frame(str(place), one, None) for place, one in enumerate(views)]
        assert [kind for kind, _ in grouped(frames)] == kinds


def test_unlike_views_in_a_row_are_no_panorama() -> None:
    frames = [frame(str(place), view(place), 1.5 * place) for place in range(8)]
    assert {kind for kind, _ in grouped(frames)} == {"single"}


@pytest.mark.parametrize(("pause", "kinds"), [(1.5, {"panorama"}), (None, {"single"})], ids=["soon", "no moments"])
def test_pictures_of_no_moment_have_to_agree_better_to_be_a_panorama(pause: float | None, kinds: set[str]) -> None:
    """Any pictures of a folder may stand in a row, of which a few lie on each other about as well as these."""
    whole = scene(1200, 400, 3)
    views = [Image.blend(whole.crop((left, 0, left + 600, 400)), scene(600, 400, left), 0.47) for left in (0, 300, 600)]
    frames = [frame(str(place), one, pause and pause * place) for place, one in enumerate(views)]
    assert {kind for kind, _ in grouped(frames)} == kinds


def test_every_frame_is_in_one_group() -> None:
    frames = [
        *taken_as_bracket(0),
        *(frame(f"s{n}", one, 100 + 5.0 * n) for n, one in enumerate(stack())),
        *(frame(f"p{n}", one, 200 + 1.5 * n) for n, one in enumerate(panorama())),
        *(frame(f"b{n}", view(3, right=0.01 * n), 300 + 0.2 * n) for n in range(4)),
    ]
    found = grouped(frames)
    assert [kind for kind, _ in found] == ["bracket", "stack", "panorama", "burst"]
    assert sorted(name for _, names in found for name in names) == sorted(one.name for one in frames)


def test_a_clock_that_is_set_to_another_zone_goes_by_utc() -> None:
    late = frame("2", view(), 3600.5)
    zones = [timedelta(hours=1), timedelta(hours=2)]
    frames = [
        replace(one, capture=replace(one.capture, offset=zone))
        for one, zone in zip((frame("1", view(), 0), late), zones, strict=True)
    ]
    assert grouped(frames) == [("burst", ["1", "2"])]
