"""What is left of a set is one, and sets are known whatever else their folder holds and their files leave out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import PurePath

import pytest
from PIL import Image

from nima.shoot.capture import Capture
from nima.shoot.frames import Frame, Lost
from nima.shoot.groups import Rules, group
from nima.shoot.picks import Quota, choose
from nima.training.defects.light import exposed
from tests.shoots import NOON, bracket, defocused, frame, panorama, stack, view


def grouped(frames: Sequence[Frame], lost: Sequence[Lost] = ()) -> list[tuple[str, list[str]]]:
    return [(one.kind, [frame.name for frame in one.frames]) for one in group(frames, Rules(), lost)]


def exposures(*stops: float, pause: float = 0.4, start: float = 0.0, name: str = "IMG_{}.jpg") -> list[Frame]:
    return [
        frame(name.format(place), one, start + pause * place, shutter=0.01 * 2.0**by)
        for place, (one, by) in enumerate(zip(bracket(stops=stops), stops, strict=True))
    ]


def taken(pictures: Sequence[Image.Image], pause: float) -> list[Frame]:
    return [frame(f"IMG_{place}.jpg", one, pause * place) for place, one in enumerate(pictures)]


SETS: dict[str, Callable[[], list[Frame]]] = {
    "bracket": lambda: exposures(0, -2, 2),
    "bracket, wide": lambda: exposures(0, -3, 3),
    "bracket, by hand": lambda: exposures(0, -1, 1, pause=9),
    "stack": lambda: taken(stack(count=3), 5.5),
    "stack, long": lambda: taken(stack(count=7), 12),
    "panorama": lambda: taken(panorama(), 1.6),
}

# A shot that cannot be read


@pytest.mark.parametrize("states", ["its moment", "nothing"])
@pytest.mark.parametrize("kind", SETS)
def test_whichever_frame_of_a_set_cannot_be_read_the_rest_is_kept_whole(kind: str, states: str) -> None:
    before, after = frame("IMG_.jpg", view(8), -9), frame("IMG_99.jpg", view(9), 200)
    frames = SETS[kind]()
    for gone in frames:
        left = [before, *(one for one in frames if one is not gone), after]
        lost = Lost(gone.name, gone.capture if states == "its moment" else Capture())
        found = choose(group(left, Rules(), [lost]), Quota(share=0.01))
        kept = {one.frame.name for one in found if one.kind == kind.partition(",")[0]}
        assert kept >= {one.name for one in frames if one is not gone}, gone.name
        assert all(one.verdict == "pick" for one in found if one.frame.name in kept)


def test_a_burst_beside_a_shot_that_cannot_be_read_is_one() -> None:
    frames = [frame(f"IMG_{place}.jpg", view(right=0.01 * place), 0.3 * place) for place in (0, 1, 3, 4)]
    assert [kind for kind, _ in grouped(frames, [Lost("IMG_2.jpg")])] == ["burst"]


def test_two_shots_beside_one_that_cannot_be_read_are_no_set_unless_they_look_like_one() -> None:
    frames = [frame("IMG_0.jpg", view(1), 0), frame("IMG_2.jpg", view(2), 3), frame("IMG_3.jpg", view(3), 6)]
    assert {kind for kind, _ in grouped(frames, [Lost("IMG_1.jpg")])} == {"single"}


# One that was thrown away


@pytest.mark.parametrize("gone", range(5))
def test_a_bracket_of_five_of_which_one_was_thrown_away_is_one(gone: int) -> None:
    frames = exposures(0, -1, 1, -2, 2)
    del frames[gone]
    assert [kind for kind, _ in grouped(frames)] == ["bracket"]


@pytest.mark.parametrize("gone", range(3))
def test_what_is_left_of_three_exposures_taken_at_once_is_a_bracket(gone: int) -> None:
    frames = exposures(0, -2, 2)
    del frames[gone]
    assert [kind for kind, _ in grouped(frames)] == ["bracket"]


def test_a_frame_before_a_bracket_does_not_take_one_of_it_away() -> None:
    frames = [frame("before.jpg", view(), -0.5), *exposures(-2, 0, 2)]
    assert grouped(frames)[-1] == ("bracket", ["IMG_0.jpg", "IMG_1.jpg", "IMG_2.jpg"])


# What files leave out


def without_exif(frames: Sequence[Frame]) -> list[Frame]:
    return [replace(one, capture=Capture()) for one in frames]


@pytest.mark.parametrize("kind", ["bracket", "stack", "panorama"])
def test_sets_are_known_without_any_exif(kind: str) -> None:
    assert [found for found, _ in grouped(without_exif(SETS[kind]()))] == [kind]


def test_a_long_bracket_is_known_without_any_exif() -> None:
    """Its ends have no light in common."""
    frames = without_exif(exposures(*range(4, -6, -1)))
    assert [(kind, len(names)) for kind, names in grouped(frames)] == [("bracket", 10)]
    reason = choose(group(frames, Rules()), Quota())[0].reasons[0]
    assert reason.measure == pytest.approx(9, abs=1)


def test_without_exif_one_dark_frame_makes_no_bracket() -> None:
    frames = without_exif(taken([view(), view(), exposed(view(), -2), view()], 0.3))
    assert "bracket" not in {kind for kind, _ in grouped(frames)}


@pytest.mark.parametrize("moment", ["a clock of whole seconds", "a clock that stands still", "no clock"])
def test_names_are_counted_where_the_clock_does_not_tell(moment: str) -> None:
    """IMG_9 is before IMG_10."""
    frames = []
    for place, one in enumerate(stack(count=12)):
        at = {"a clock of whole seconds": place // 4, "a clock that stands still": 0, "no clock": None}[moment]
        frames.append(frame(f"IMG_{place}.jpg", one, at))
    assert grouped(frames) == [("stack", [f"IMG_{place}.jpg" for place in range(12)])]


# What lies beside a set


@pytest.mark.parametrize("name", ["{}_01", "{} copy", "{}-edited", "{}-2", "exported/{}", "{} (1)"])
@pytest.mark.parametrize("kind", ["bracket", "stack", "panorama"])
def test_an_edited_copy_of_a_frame_stays_with_its_set_by_a_clock_of_whole_seconds(kind: str, name: str) -> None:
    frames = [
        replace(one, capture=replace(one.capture, taken=(one.capture.taken or NOON).replace(microsecond=0)))
        for one in SETS[kind]()
    ]
    edited = replace(frames[1], name=name.format(PurePath(frames[1].name).stem) + ".jpg")
    (found,) = grouped([*frames, edited])
    assert found[0] == kind
    assert set(found[1]) == {edited.name, *(one.name for one in frames)}


def test_the_next_number_is_no_edited_copy() -> None:
    frames = [frame("IMG_1.jpg", view(), 0), frame("IMG_10.jpg", defocused(view(), 1), 0)]
    (found,) = group(frames, Rules())
    verdicts = {one.frame.name: [reason.code for reason in one.reasons] for one in choose([found], Quota())}
    assert not any("version" in codes for codes in verdicts.values())


def test_two_cameras_in_one_folder_do_not_break_each_others_sets() -> None:
    one = [replace(f, name=f"A{n}.jpg") for n, f in enumerate(exposures(0, -2, 2, pause=2))]
    other = [replace(f, name=f"B{n}.jpg") for n, f in enumerate(exposures(0, -1, 1, pause=2, start=1))]
    other = [replace(f, capture=replace(f.capture, camera="Other")) for f in other]
    assert [kind for kind, _ in grouped([*one, *other])] == ["bracket", "bracket"]


def test_a_clock_that_is_hours_wrong_between_two_cameras_changes_nothing() -> None:
    late = [
        replace(f, name=f"B{n}.jpg", capture=replace(f.capture, camera="Other", taken=NOON + timedelta(hours=5)))
        for n, f in enumerate(exposures(0, -2, 2))
    ]
    assert [kind for kind, _ in grouped([*exposures(0, -2, 2), *late])] == ["bracket", "bracket"]
