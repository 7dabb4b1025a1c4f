"""Sets with failures, doubles, something in between, and in no order; and what only looks like a set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from nima.shoot.capture import Capture
from nima.shoot.frames import Frame
from nima.shoot.groups import Rules, group
from nima.shoot.picks import ALTERNATE, PICK, REJECT, Choice, Quota, choose
from nima.training.defects.light import exposed
from nima.training.defects.optics import motion_blur
from tests.pictures import scene
from tests.shoots import SIZE, bracket, frame, panorama, stack, view


def grouped(frames: Sequence[Frame]) -> list[tuple[str, list[str]]]:
    return [(one.kind, [frame.name for frame in one.frames]) for one in group(frames, Rules())]


def exposures(*stops: float, pause: float = 0.8, **capture: Any) -> list[Frame]:
    return [
        frame(str(place), one, pause * place, shutter=0.01 * 2.0**by, **capture)
        for place, (one, by) in enumerate(zip(bracket(stops=stops), stops, strict=True))
    ]


def renumbered(frames: Sequence[Frame], pause: float = 0.8) -> list[Frame]:
    return [frame_at(one, str(place), pause * place) for place, one in enumerate(frames)]


def frame_at(one: Frame, name: str, at: float) -> Frame:
    return replace(one, name=name, capture=replace(one.capture, taken=frame("", view(), at).capture.taken))


def without_exif(frames: Sequence[Frame]) -> list[Frame]:
    return [replace(one, name=f"{place}", capture=Capture()) for place, one in enumerate(frames)]


def chosen(frames: Sequence[Frame]) -> list[Choice]:
    found = {one.frame.name: one for one in choose(group(frames, Rules()), Quota())}
    return [found[one.name] for one in frames]


# Brackets


@pytest.mark.parametrize("place", [1, 2, 4])
@pytest.mark.parametrize("failure", ["slipped", "covered"])
def test_an_exposure_that_failed_and_was_taken_again_ends_no_bracket(failure: str, place: int) -> None:
    frames = exposures(0, -1, 1, -2, 2)
    slipped = motion_blur(bracket(stops=(0, -1, 1, -2, 2))[place], 30, 0.5)
    shown = {"slipped": slipped, "covered": view(5)}[failure]
    failed = frame("", shown, shutter=frames[place].capture.shutter)
    found = grouped(renumbered([*frames[:place], failed, *frames[place:]]))
    kept = {str(one) for one in range(6)} - {str(place)}
    assert any(kind == "bracket" and kept <= set(names) for kind, names in found)


def test_a_bracket_goes_on_behind_what_another_body_took_though_names_do_not_tell() -> None:
    frames = exposures(0, -2, 2, pause=2)
    beside = [frame("", view(4, 0.01 * place)) for place in range(5)]
    mixed = renumbered([frames[0], *beside[:2], frames[1], *beside[2:], frames[2]], 0.7)
    assert ("bracket", ["0", "3", "7"]) in grouped(mixed)


def test_a_camera_that_follows_falling_light_in_steps_makes_no_bracket() -> None:
    """As at sunset from a stand, where each exposure serves for two or three pictures that get darker."""
    frames = []
    for place in range(12):
        stops = (3 * 15 * place // 100) / 3
        shown = exposed(view(), stops - 0.15 * place)
        frames.append(frame(str(place), shown, 5.0 * place, shutter=0.01 * 2.0**stops))
    assert {kind for kind, _ in grouped(frames)} == {"single"}


def test_two_that_the_camera_was_set_to_bracket_are_a_bracket_however_slowly_it_took_them() -> None:
    assert [kind for kind, _ in grouped(exposures(0, 0.67, pause=2.5, auto_bracket=True))] == ["bracket"]
    assert [kind for kind, _ in grouped(exposures(0, 0.67, pause=2.5))] == ["single", "single"]


# By light alone


def test_amid_a_burst_what_only_light_calls_a_bracket_is_not_rejected_and_one_of_the_burst_is_picked() -> None:
    """A flash that did not fire and one that fired twice, or a bracket: nobody can tell."""
    burst = [view(right=0.003 * place) for place in range(6)]
    shown = [*burst[:3], exposed(view(), -1.5), exposed(view(), 1.5), *burst[3:]]
    found = chosen(without_exif([frame("", one, score=5 - 0.2 * place) for place, one in enumerate(shown)]))
    assert "bracket" not in {one.kind for one in found}
    assert [one.verdict for one in found if one.kind == "burst"].count(PICK) == 1
    assert REJECT in {one.verdict for one in found}
    for wrong in found[3:5]:
        assert wrong.verdict in (PICK, ALTERNATE)
    (told,) = {reason.say() for one in found for reason in one.reasons if reason.code == "may_be_bracket"}
    assert told == "One of 3 that may be a bracket: their light alone says so, so that none is rejected."


@pytest.mark.parametrize("loose", [0, 1, 2])
def test_beside_a_shot_or_two_of_the_same_light_alone_tells_a_bracket(loose: int) -> None:
    frames = [*(frame("", view()) for _ in range(loose)), *exposures(-2, 0, 2)]
    assert grouped(without_exif(frames))[-1] == ("bracket", [str(loose + place) for place in range(3)])


# Focus stacks


@pytest.mark.parametrize("order", [(3, 2, 5, 4, 0, 1), (4, 5, 1, 2, 0, 3), (1, 2, 0, 3, 4, 5)])
def test_a_stack_may_be_taken_in_any_order(order: Sequence[int]) -> None:
    frames = [frame(str(place), stack(count=6)[one], 1.5 * place) for place, one in enumerate(order)]
    assert grouped(frames) == [("stack", list("012345"))]


@pytest.mark.parametrize("twice", [1, 2, 4])
def test_a_distance_that_is_taken_twice_is_of_the_stack(twice: int) -> None:
    shown = [*stack(count=6)[: twice + 1], *stack(count=6)[twice:]]
    assert grouped([frame(str(place), one, 1.5 * place) for place, one in enumerate(shown)]) == [
        ("stack", list("0123456"))
    ]


# Panoramas


@pytest.mark.parametrize("twice", [1, 2])
def test_a_view_that_is_taken_twice_is_of_the_panorama(twice: int) -> None:
    shown = [*panorama()[: twice + 1], *panorama()[twice:]]
    assert grouped([frame(str(place), one, 1.6 * place) for place, one in enumerate(shown)]) == [
        ("panorama", list("01234"))
    ]


def test_a_camera_that_follows_the_light_from_view_to_view_makes_a_panorama() -> None:
    stops = (0, 1.2, 0, -1.2)
    frames = [
        frame(str(place), exposed(one, by / 3), 1.6 * place, shutter=0.01 * 2.0**by)
        for place, (one, by) in enumerate(zip(panorama(), stops, strict=True))
    ]
    assert grouped(frames) == [("panorama", list("0123"))]


@pytest.mark.parametrize("columns", [2, 3, 4])
@pytest.mark.parametrize("back", [True, False], ids=["to and fro", "line by line"])
def test_two_rows_are_one_panorama(columns: int, back: bool) -> None:
    width, height = SIZE
    step = round(0.6 * width), round(0.6 * height)
    whole = scene(width + step[0] * (columns - 1), height + step[1] + 10, 1)
    frames: list[Frame] = []
    for row in range(2):
        for column in reversed(range(columns)) if row and back else range(columns):
            left, top = step[0] * column, step[1] * row + 5 * (column % 2)
            frames.append(
                frame(str(len(frames)), whole.crop((left, top, left + width, top + height)), 1.6 * len(frames))
            )
    assert grouped(frames) == [("panorama", [one.name for one in frames])]


@pytest.mark.parametrize("seed", [1, 13])
def test_there_and_back_again_are_two_panoramas(seed: int) -> None:
    views = panorama(seed)
    frames = [frame(str(place), one, 1.6 * place) for place, one in enumerate((*views, *reversed(views)))]
    assert [(kind, len(names)) for kind, names in grouped(frames)] == [("panorama", 4), ("panorama", 4)]


def test_a_panorama_goes_on_behind_what_another_body_took_though_names_do_not_tell() -> None:
    views = [frame("", one) for one in panorama()]
    other = frame("", view(6))
    mixed = renumbered([*views[:2], other, *views[2:]], 1.5)
    assert ("panorama", ["0", "1", "3", "4"]) in grouped(mixed)
