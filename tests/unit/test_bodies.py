"""Two photographers with cameras of one model in one folder do not break each other's sets; one camera stays one."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from nima.shoot.frames import Frame
from nima.shoot.groups import Rules, group
from tests.shoots import bracket, frame, panorama, stack, view


def grouped(frames: Sequence[Frame]) -> list[tuple[str, list[str]]]:
    return [(one.kind, [frame.name for frame in one.frames]) for one in group(frames, Rules())]


def taken(
    pictures: Sequence[Image.Image], start: float, pause: float, name: str, first: int, **capture: Any
) -> list[Frame]:
    return [
        frame(name.format(first + place), one, start + pause * place, **capture) for place, one in enumerate(pictures)
    ]


def exposures(seed: int, stops: Sequence[float], start: float, name: str, first: int, **capture: Any) -> list[Frame]:
    frames = taken(bracket(seed, tuple(stops)), start, 2.0, name, first, **capture)
    return [
        replace(one, capture=replace(one.capture, shutter=0.01 * 2.0**by))
        for one, by in zip(frames, stops, strict=True)
    ]


SETS: dict[str, Callable[[str, int], list[Frame]]] = {
    "bracket": lambda name, first: exposures(1, (0, -2, 2), 0, name, first),
    "stack": lambda name, first: taken(stack(), 0, 2.5, name, first),
    "panorama": lambda name, first: taken(panorama(), 0, 1.6, name, first),
}
BESIDE: dict[str, Callable[[str, int], list[Frame]]] = {
    "a burst": lambda name, first: taken([view(2, 0.01 * n) for n in range(8)], -0.3, 0.7, name, first),
    "single shots": lambda name, first: taken([view(n) for n in (2, 3, 4)], 0.5, 1.5, name, first),
    "a bracket": lambda name, first: exposures(2, (0, -1, 1), 1.0, name, first),
    "a bracket of the same": lambda name, first: exposures(1, (0, -2, 2), 1.0, name, first),
}


@pytest.mark.parametrize("beside", BESIDE)
@pytest.mark.parametrize("kind", SETS)
def test_a_set_is_whole_whatever_another_body_takes_in_between(kind: str, beside: str) -> None:
    one, other = SETS[kind]("IMG_{:04d}.jpg", 1201), BESIDE[beside]("IMG_{:04d}.jpg", 5678)
    assert (kind, [f.name for f in one]) in grouped([*one, *other])


@pytest.mark.parametrize("kind", SETS)
def test_bodies_whose_numbers_are_the_same_are_told_by_their_folders(kind: str) -> None:
    one, other = SETS[kind]("A/DSC_{}.jpg", 11), BESIDE["a bracket of the same"]("B/DSC_{}.jpg", 12)
    assert (kind, [f.name for f in one]) in grouped([*one, *other])


@pytest.mark.parametrize(
    "said",
    [
        {"owner": ("Ann", "Bob")},
        {"lens": ("24-70mm", "70-200mm")},
        {"lens": ("50mm", "50mm"), "lens_serial": ("0042", "0815")},
        {"number": (70_001, 4_001)},
    ],
    ids=lambda said: next(reversed(said)),
)
def test_bodies_are_told_by_what_their_files_say_though_all_were_renamed(said: dict[str, Any]) -> None:
    frames = []
    for body, kind in enumerate(("bracket", "bracket of the other")):
        for place, one in enumerate(exposures(1, (0, -2, 2), float(body), kind + "{}", 0)):
            own = {name: values[body] for name, values in said.items()}
            if "number" in own:
                own["number"] += place
            frames.append(replace(one, capture=replace(one.capture, **own)))
    frames.sort(key=lambda one: one.capture.taken or 0)
    found = grouped([replace(one, name=f"wedding-{place:03d}.jpg") for place, one in enumerate(frames)])
    assert sorted(found) == [
        ("bracket", [f"wedding-{place:03d}.jpg" for place in (0, 2, 4)]),
        ("bracket", [f"wedding-{place:03d}.jpg" for place in (1, 3, 5)]),
    ]


@pytest.mark.parametrize("names", ["counted", "by chance", "past 9999", "in two folders", "one exported"])
def test_what_one_body_took_stays_together_whatever_its_files_are_called(names: str) -> None:
    frames = exposures(1, (0, -1, 1, -2, 2, -3, 3), 0, "IMG_{}.jpg", 0)
    numbers = random.Random(1).sample(range(10_000), len(frames))
    called: dict[str, Callable[[int], str]] = {
        "counted": lambda place: f"IMG_{place:04d}",
        "by chance": lambda place: f"{numbers[place]:04d}",
        "past 9999": lambda place: f"IMG_{(9996 + place - 1) % 9999 + 1:04d}",
        "in two folders": lambda place: f"10{place // 4}CANON/IMG_{place:04d}",
        "one exported": lambda place: "of the bride 7" if place == 3 else f"IMG_{place:04d}",
    }
    named = [replace(one, name=called[names](place) + ".jpg") for place, one in enumerate(frames)]
    assert grouped(named) == [("bracket", [one.name for one in named])]
