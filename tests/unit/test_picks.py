"""Which frames of a shoot are picked, which are kept beside them, and which are not; and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from PIL import Image

from nima.document.assessment import Deduction
from nima.shoot.frames import Frame, Hand
from nima.shoot.groups import Rules, group
from nima.shoot.picks import Choice, Quota, choose
from nima.shoot.reasons import REASONS, Reason
from nima.shoot.turns import turns
from nima.training.defects.light import exposed
from nima.words import LANGUAGES
from tests.shoots import bracket, defocused, frame, panorama, shaken, stack, view

GRAINY = Deduction("noise", 0.6, 9.0, "levels", "It is grainy.", sure=True)
BLURRED = Deduction("motion_blur", 0.6, 20.0, "px", "It is smeared.", sure=True)
SMEARED = Deduction(
    "compression", 0.2, 1.4, "luma step on the 8 px grid over the step elsewhere", "It is hard.", sure=False
)


def chosen(frames: Sequence[Frame], quota: Quota | None = None) -> dict[str, Choice]:
    found = choose(group(frames, Rules()), quota or Quota())
    assert sorted(one.frame.name for one in found) == sorted(one.name for one in frames)
    assert all(one.reasons for one in found)
    return {one.frame.name: one for one in found}


def verdicts(frames: Sequence[Frame], quota: Quota | None = None) -> dict[str, str]:
    return {name: one.verdict for name, one in chosen(frames, quota).items()}


def codes(choice: Choice) -> list[str]:
    return [reason.code for reason in choice.reasons]


def said(choice: Choice) -> str:
    return " ".join(reason.say() for reason in choice.reasons)


def singles(*scores: float) -> list[Frame]:
    """Shots of one view, a minute apart, which are so of no group."""
    return [frame(f"{score}", view(), 60 * place, score=score) for place, score in enumerate(scores)]


# The best of a group


def test_the_best_of_each_group_is_picked() -> None:
    frames = [frame("a1", view(), 0, score=5), frame("a2", view(), 0.5, score=6), frame("b", view(), 60, score=3)]
    found = chosen(frames)
    assert {name: (one.verdict, one.rank, one.group) for name, one in found.items()} == {
        "a1": ("reject", 2, 1),
        "a2": ("pick", 1, 1),
        "b": ("pick", 1, 2),
    }
    assert said(found["a2"]) == "The best of 2 alike: 1.00 points ahead of a1."
    assert said(found["a1"]) == "Scores 1.00 points less than the pick, a2."
    assert said(found["b"]) == "Nothing else in the shoot is like it."
    assert (found["a2"].confidence, found["b"].confidence) == ("clear", None)


def test_what_is_wrong_beside_the_others_outweighs_a_score_that_does_not_see_it() -> None:
    dark = frame("dark", exposed(view(), -1.5), 0.0, score=5.2)
    soft = frame("soft", defocused(view(), 3), 0.3, score=5.2)
    grainy = frame("grainy", view(), 0.6, score=5.2, deductions=(GRAINY,))
    found = chosen([dark, soft, frame("clean", view(), 0.9), frame("too", view(), 1.2, score=4.98), grainy])
    assert found["clean"].verdict == "pick"
    assert "1.5 stops darker than the shots around it." in said(found["dark"])
    assert "Softer than the pick, clean: 0." in said(found["soft"])
    assert "of its sharpness." in said(found["soft"])
    assert "Found in it, and not in the pick, clean: noise." in said(found["grainy"])
    assert {name: one.verdict for name, one in found.items()} == {
        "clean": "pick",
        "too": "alternate",
        "dark": "reject",
        "grainy": "reject",
        "soft": "alternate",
    }


def test_a_bright_frame_is_told_in_stops() -> None:
    frames = [frame(str(place), view(), 0.3 * place) for place in range(3)]
    found = chosen([*frames, frame("bright", exposed(view(), 1), 1, score=4.5)])
    assert "0." in said(found["bright"])
    assert "stops brighter than the shots around it." in said(found["bright"])


def test_the_one_frame_that_is_exposed_well_is_not_held_against_the_many_that_are_not() -> None:
    dark = Deduction("underexposure", 0.6, 20.0, "levels", "It is dark.", sure=True)
    frames = [frame(f"dark {n}", exposed(view(), -2), 0.3 * n, score=4.8, deductions=(dark,)) for n in range(4)]
    found = chosen([*frames, frame("well", view(), 1.5)])
    assert found["well"].verdict == "pick"
    assert "underexposure" in said(found["dark 0"])
    assert not any("the shots around it" in said(one) for one in found.values())


def test_a_camera_that_was_not_held_level_is_told_in_degrees() -> None:
    level = [frame(f"level {n}", view(right=0.01 * n), 0.3 * n) for n in range(3)]
    found = chosen([*level, frame("turned", view(right=0.01, turned=3), 1.2, score=5.2)])
    assert found["turned"].verdict == "reject"
    (turned,) = (reason for reason in found["turned"].reasons if reason.code == "turned")
    assert turned.measure == pytest.approx(3, abs=0.3)
    assert turned.say() == f"Turned by {turned.measure:.1f} degrees against the shots around it."


def test_of_two_nobody_can_say_which_is_level() -> None:
    found = chosen([frame("1", view(), 0, score=5), frame("2", view(turned=3), 0.4, score=5.2)])
    assert (found["2"].verdict, codes(found["2"])) == ("pick", ["best"])


def test_a_frame_aside_of_the_others_is_told_in_shares_of_the_frame_and_is_not_preferred_for_little() -> None:
    usual = [frame(f"usual {n}", view(right=0.005 * n), 0.3 * n, score=5 - 0.2 * n) for n in range(4)]
    found = chosen([*usual, frame("aside", view(right=0.1), 1.5, score=5.05)])
    assert found["usual 0"].verdict == "pick"
    assert found["aside"].verdict == "alternate"
    (aside,) = (reason for reason in found["aside"].reasons if reason.code == "aside")
    assert aside.measure == pytest.approx(0.0925, abs=0.02)
    assert aside.say() == f"Framed {aside.measure:.0%} of the frame aside of the shots around it."
    much_better = chosen([*usual, frame("aside", view(right=0.1), 1.5, score=6)])
    assert much_better["aside"].verdict == "pick"


def test_what_most_of_a_burst_show_is_not_held_against_those_that_show_it() -> None:
    """A cast lies on the scene: the one frame in which it was missed is as good as the others."""
    cast = Deduction("color_cast", 0.6, 12.0, "levels", "It is blue.", sure=True)
    frames = [frame(f"{n}", view(right=0.005 * n), 0.3 * n, score=5.2 - 0.1 * n, deductions=(cast,)) for n in range(3)]
    found = chosen([*frames, frame("missed", view(right=0.01), 1.2, score=5)])
    assert found["0"].verdict == "pick"
    assert not any("fault" in codes(one) for one in found.values())
    alone = chosen(
        [frame("0", view(), 0, score=5.2, deductions=(cast,)), *(frame(f"{n}", view(), n / 3) for n in (1, 2))]
    )
    assert "fault" in codes(alone["0"])


@pytest.mark.parametrize("turned", [-4, 1.5, 3])
def test_a_turn_is_measured_whatever_else_is_spoilt(turned: float) -> None:
    """Counted clockwise, where Pillow turns anticlockwise."""
    level = [frame(str(n), view(right=0.01 * n), n) for n in range(3)]
    tilted = view(turned=turned)
    for spoilt in (defocused(tilted, 3), shaken(tilted), exposed(view(down=0.02, turned=turned), -1)):
        found = turns([*level, frame("turned", spoilt)])
        assert found[:3] == pytest.approx((0, 0, 0), abs=0.2)
        assert found[3] == pytest.approx(-turned, abs=0.5)


def test_an_upright_picture_among_lying_ones_is_no_turned_one() -> None:
    upright = view().rotate(90, expand=True)
    assert turns([*(frame(str(n), view(), n) for n in range(3)), frame("upright", upright)])[3] == 0


@pytest.mark.parametrize("faults", [(BLURRED,), (BLURRED, SMEARED), (SMEARED,)])
@pytest.mark.parametrize(("spoil", "by"), [(defocused, 4), (shaken, 16)], ids=["out of focus", "shaken"])
def test_blur_alone_rejects_nothing_and_is_said_to_be_perhaps_meant(
    spoil: Callable[[Image.Image, int], Image.Image], by: int, faults: tuple[Deduction, ...]
) -> None:
    frames = [frame("sharp", view(), 0), frame("blurred", spoil(view(), by), 0.3, score=3, deductions=faults)]
    found = chosen(frames)
    assert found["sharp"].verdict == "pick"
    assert found["blurred"].verdict == "alternate"
    assert codes(found["blurred"])[-1] == "blur_may_be_meant"
    also_dark = frame("blurred", exposed(defocused(view(), 4), -2), 0.3, score=3, deductions=(BLURRED,))
    more = [frame("sharp", view(), 0), also_dark, frame("other", view(), 0.6)]
    assert verdicts(more)["blurred"] == "reject"


def test_a_tie_is_called_one() -> None:
    found = chosen([frame("a", view(), 0, score=5.05), frame("b", view(), 0.4, score=5.0)])
    assert {name: (one.verdict, one.confidence, codes(one)) for name, one in found.items()} == {
        "a": ("pick", "tie", ["tie"]),
        "b": ("alternate", "tie", ["tie"]),
    }
    assert said(found["b"]) == "A tie with a: 0.05 points apart, which says nothing. Look at both."


def test_a_score_that_says_nothing_is_no_reason() -> None:
    level = [frame(f"level {n}", view(right=0.01 * n), 0.3 * n, score=5.05) for n in range(3)]
    found = chosen([*level, frame("turned", view(right=0.01, turned=3), 1.2)])
    assert codes(found["turned"]) == ["turned"]


def test_of_many_equals_one_is_kept_beside_the_pick() -> None:
    frames = [frame(str(place), view(), 0.2 * place, score=5 - 0.01 * place) for place in range(5)]
    assert list(verdicts(frames).values()) == ["pick", "alternate", "reject", "reject", "reject"]
    assert codes(chosen(frames)["4"]) == ["redundant"]


@pytest.mark.parametrize("per_group", [1, 2, 3])
def test_as_many_of_each_group_as_asked_for_are_picked(per_group: int) -> None:
    frames = [frame(f"{n}{m}", view(), 60 * n + 0.3 * m, score=5 - m) for n in range(2) for m in range(4)]
    found = verdicts(frames, Quota(per_group=per_group))
    assert [name for name, verdict in found.items() if verdict == "pick"] == [
        f"{n}{m}" for n in range(2) for m in range(per_group)
    ]
    assert codes(chosen(frames, Quota(per_group=2))["01"]) == ["ranked"]


# A share of the shoot


def test_a_share_of_the_shoot_is_the_best_of_it() -> None:
    found = chosen(singles(3, 7, 4, 6, 5), Quota(share=0.4))
    assert [name for name, one in found.items() if one.verdict == "pick"] == ["7", "6"]
    assert said(found["7"]).endswith("Among the best 40% of the shoot.")
    assert (found["5"].verdict, said(found["5"])) == ("reject", "Not among the best 40% of the shoot.")
    assert found["5"].reasons[0].measure == pytest.approx(1)


def test_of_a_share_each_group_has_one_before_any_has_two() -> None:
    burst = [frame(f"burst {place}", view(), 0.3 * place, score=8 - 0.5 * place) for place in range(4)]
    found = verdicts(
        [*burst, frame("other", view(), 60, score=4), frame("third", view(), 120, score=3)], Quota(share=0.5)
    )
    assert [name for name, verdict in found.items() if verdict == "pick"] == ["burst 0", "other", "third"]
    assert verdicts(burst, Quota(share=0.5))["burst 1"] == "pick"


def test_a_share_is_rounded_up_and_may_be_all() -> None:
    frames = singles(3, 7, 4)
    assert list(verdicts(frames, Quota(share=0.01)).values()).count("pick") == 1
    assert set(verdicts(frames, Quota(share=1)).values()) == {"pick"}


def test_just_outside_of_a_share_is_a_tie_with_it() -> None:
    found = chosen(singles(5.0, 4.95, 3), Quota(share=0.3))
    assert [(one.verdict, one.confidence) for one in found.values()] == [
        ("pick", "tie"),
        ("alternate", "tie"),
        ("reject", "clear"),
    ]


def test_outside_of_a_share_blur_alone_rejects_nothing() -> None:
    frames = [*singles(7), frame("soft", view(), 600, score=3, deductions=(BLURRED,))]
    frames.append(frame("soft and grainy", view(), 900, score=3, deductions=(BLURRED, GRAINY)))
    found = chosen(frames, Quota(share=0.3))
    assert [one.verdict for one in found.values()] == ["pick", "alternate", "reject"]
    assert codes(found["soft"]) == ["beyond_share", "flawed", "blur_may_be_meant"]


# Sets


def sets() -> list[Frame]:
    shutters = (0.01, 0.0025, 0.04)
    return [
        *(frame(f"b{n}", one, n / 2, score=2, shutter=shutters[n]) for n, one in enumerate(bracket())),
        *(frame(f"s{n}", one, 100 + 5.0 * n, score=2) for n, one in enumerate(stack())),
        *(frame(f"p{n}", one, 200 + 1.5 * n, score=2) for n, one in enumerate(panorama())),
    ]


def test_sets_are_kept_whole_beside_any_quota() -> None:
    for quota in (Quota(), Quota(share=0.1)):
        found = chosen([*sets(), *singles(7, 3)], quota)
        assert {one.verdict for name, one in found.items() if name[0] in "bsp"} == {"pick"}
        assert found["7"].verdict == "pick"
    assert said(found["b0"]) == "One of 3 exposures over 4.0 stops: a bracket, kept whole."
    assert said(found["s0"]) == "One of 5 frames focused at different distances: a stack, kept whole."
    assert said(found["p0"]) == "One of 4 overlapping views: a panorama, kept whole."
    assert found["3"].verdict == "reject"


def test_the_best_of_a_set_is_picked_on_request() -> None:
    found = verdicts(sets(), Quota(sets=False))
    assert [sum(found[name] == "pick" for name in found if name[0] == kind) for kind in "bsp"] == [1, 1, 1]
    assert found["b0"] == "pick", "the middle exposure"


# By hand


def test_what_was_decided_by_hand_stays() -> None:
    frames = [
        frame("good", view(), 0, score=8, hand=Hand(kept=False)),
        frame("bad", view(), 0.3, score=2, hand=Hand(kept=True)),
        frame("fair", view(), 0.6, score=5),
        frame("starred", view(), 0.9, score=2, hand=Hand(stars=3)),
        *singles(),
    ]
    for quota in (Quota(), Quota(share=0.01), Quota(per_group=1, share=0.25)):
        found = chosen(frames, quota)
        assert {name: one.verdict for name, one in found.items() if name in ("good", "bad")} == {
            "good": "reject",
            "bad": "pick",
        }
        assert codes(found["good"]) == ["hand_rejected"]
        assert codes(found["bad"]) == ["hand_picked"]
        assert found["starred"].verdict == "alternate"
        assert codes(found["starred"])[0] == "hand_rated"
        assert found["fair"].verdict != "pick", "one of its group is picked already"


def test_no_stars_say_nothing() -> None:
    assert (
        verdicts([frame("a", view(), 0, score=7), frame("b", view(), 0.3, score=5, hand=Hand(stars=0))])["b"]
        == "reject"
    )


def test_what_a_hand_rejects_of_a_set_is_rejected_and_the_rest_is_kept() -> None:
    frames = [
        frame(f"p{n}", one, 1.5 * n, hand=Hand(kept=False) if n == 3 else None) for n, one in enumerate(panorama())
    ]
    assert list(verdicts(frames).values()) == ["pick", "pick", "pick", "reject"]


# Files of one shot


def test_a_copy_is_rejected_and_an_edited_version_is_not() -> None:
    crop = view().crop((40, 0, 560, 400)).resize((600, 400))
    frames = [
        frame("IMG.jpg", view(), 0.835, score=6, content="x"),
        frame("IMG copy.jpg", view(), 0.835, score=6, content="x"),
        frame("IMG_E.jpg", crop, 0.835, score=4, content="y"),
    ]
    found = chosen(frames)
    assert {name: one.verdict for name, one in found.items()} == {
        "IMG.jpg": "pick",
        "IMG copy.jpg": "reject",
        "IMG_E.jpg": "alternate",
    }
    assert said(found["IMG copy.jpg"]) == "The same as IMG.jpg, byte for byte."
    assert codes(found["IMG_E.jpg"])[0] == "version"


def test_copies_take_no_room_of_a_share() -> None:
    frames = [
        *(frame(f"{n}.jpg", view(), 0, score=7, content="x") for n in range(3)),
        frame("other.jpg", view(), 60, score=5),
    ]
    assert sum(verdict == "pick" for verdict in verdicts(frames, Quota(share=0.5)).values()) == 2


# Words


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", REASONS)
def test_every_reason_can_be_said(code: str, language: str) -> None:
    reason = Reason(code, 0.5, "IMG.jpg", 3, 2, ("soft", "noise"), 0.2)
    assert reason.say(language)
    assert ("unit" in reason.to_json()) == (REASONS[code] is not None)


def test_a_frame_without_a_look_is_judged_by_its_score() -> None:
    frames = [frame("a", view(), 0, score=4), frame("b", view(), 0.3, score=6)]
    for one in frames:
        object.__setattr__(one, "look", None)
    assert verdicts(frames) == {"b": "pick", "a": "reject"}
