"""Rankings: a total order of tiers, ties and composites, and what is recommended."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nima.catalogue.candidates import Scored
from nima.catalogue.order import CLEAR, OUTWEIGHED, TIED, Merits
from nima.catalogue.ranking import Ranking, rank
from nima.document.assessment import Deduction, File
from nima.document.composite import STYLES, Weights
from nima.document.defects import DEFECTS
from nima.document.policy import Policy
from nima.document.result import Result
from nima.document.rules import MainImageRules
from nima.errors import InvalidRequest
from nima.words import LANGUAGES, words
from tests.unit.test_catalogue import BAD, HASHES, SCORES, rejected, result

CLUTTERED = Deduction("clutter", 0.9, 0.9, "share", "Other things are there.", sure=True, style="ecommerce")
SURE = Deduction("soft", 0.9, 3.3, "px", "It is soft.", sure=True)
NAMED = Deduction("noise", 0.2, 5.0, "levels", "It is grainy.")
TINTED, DARK = (replace(NAMED, code=code) for code in ("color_cast", "underexposure"))
LARGE = File(9, "JPEG", 20, 10)


def order(ranking: Ranking) -> list[str]:
    return [entry.key for entry in ranking.entries]


def flat(ranking: Ranking) -> list[str]:
    return [one.key for entry in ranking.entries for one in entry.pictures]


def shot(key: str, score: float, *deductions: Deduction, group: int | None = None, **more: Any) -> Result:
    """A picture of this composite in every style; of a group it is a near-duplicate of the others."""
    phash = None if group is None else HASHES[group]
    return result(key, score, score, deductions=deductions, phash=phash, **more)


def test_the_articles_main_images_are_ranked_by_style() -> None:
    pictures = [
        result("A.jpg", 7.2, 6.8, phash=HASHES[0]),
        result("B.jpg", 6.5, 7.9, phash=HASHES[1]),
        result("C.jpg", 6.1, 8.2, phash=HASHES[2]),
    ]
    ranking = rank(pictures, "ecommerce")
    assert [(e.key, e.composite.score, e.composite.stars) for e in ranking.entries] == [
        ("C.jpg", 7.36, 4.5),
        ("B.jpg", 7.34, 4.0),
        ("A.jpg", 6.96, 3.5),
    ]
    assert ranking.recommended
    assert (ranking.recommended.key, ranking.recommended.tied) == ("C.jpg", ("C.jpg", "B.jpg"))
    assert ranking.recommended.why == (
        "It scores 7.36 (technical 6.10, aesthetic 8.20), but it is too close to call between C.jpg, B.jpg; "
        "it comes first as its score is a little higher. Nothing to object to."
    )
    assert order(rank(pictures, "landscape"))[0] == "A.jpg"
    assert order(rank(pictures, "general", Weights.of(1, 0))) == ["A.jpg", "B.jpg", "C.jpg"]
    with pytest.raises(InvalidRequest):
        rank([], "moody")


def test_what_is_a_defect_in_one_style_only_counts_there() -> None:
    pictures = [shot("a.jpg", 5), shot("b.jpg", 5.5, CLUTTERED, NAMED)]
    for style, first, codes in (("general", "b.jpg", ["noise"]), ("ecommerce", "a.jpg", ["clutter", "noise"])):
        ranking = rank(pictures, style)
        assert order(ranking)[0] == first
        (told,) = (entry.assessment for entry in ranking.entries if entry.key == "b.jpg")
        assert [deduction.code for deduction in told.deductions] == codes
        assert len(told.deductions) + len(told.other_styles) == 2
    assert order(rank(pictures, "custom", Weights.of(1, 1)))[0] == "b.jpg"


def test_that_nothing_is_objected_to_is_never_said_of_a_weak_picture() -> None:
    unexplained, faultless = "No single fault explains it.", "Nothing to object to."
    for score, said, unsaid in (
        (2.5, unexplained, faultless),
        (3.2, unexplained, faultless),
        (5, faultless, unexplained),
    ):
        found = rank([shot("a.jpg", score)], "general").recommended
        assert found
        assert said in found.why
        assert unsaid not in found.why


# Tiers


def test_a_sure_defect_costs_a_point_in_the_order_and_is_told() -> None:
    ranking = rank([shot("soft.jpg", 4.9, SURE, NAMED), shot("grainy.jpg", 5, NAMED), shot("clean.jpg", 4)], "general")
    assert order(ranking) == ["grainy.jpg", "clean.jpg", "soft.jpg"]
    told = [(e["tier"], e["tier_codes"], e["tier_reason"]) for e in ranking.to_json()["entries"]]
    assert told == [
        (1, [], "Nothing is surely wrong with it."),
        (1, [], "Nothing is surely wrong with it."),
        (2, ["soft"], "It surely has a defect, which costs it a point in the order: softness."),
    ]


def test_a_lead_of_more_than_a_point_outweighs_a_sure_defect() -> None:
    clean, wrecked = shot("clean.jpg", 5.9), shot("wrecked.jpg", 2.4, NAMED)
    assert order(rank([shot("soft.jpg", 6.9, SURE), clean, wrecked], "general")) == [
        "clean.jpg",
        "soft.jpg",
        "wrecked.jpg",
    ]
    for score, preference in ((6.91, "slight"), (7.3, "clear")):
        ranking = rank([shot("soft.jpg", score, SURE), clean, wrecked], "general")
        assert order(ranking) == ["soft.jpg", "clean.jpg", "wrecked.jpg"]
        assert ranking.recommended
        assert (ranking.recommended.preference, ranking.recommended.lead) == (preference, round(score - 5.9, 4))
        assert ranking.recommended.why.endswith("; its main deduction is softness.")
        assert ("little more than the point" in ranking.recommended.why) == (preference == "slight")
        assert ("clearly scores highest" in ranking.recommended.why) == (preference == "clear")
        assert "slightly" not in ranking.recommended.why, "of a lead of more than a point"


def test_what_scores_more_is_told_where_its_defects_put_it_after_the_first() -> None:
    pictures = [shot("clean.jpg", 5), shot("soft.jpg", 5.8, SURE), shot("dull.jpg", 4)]
    for style, names in (
        ("general", pictures),
        ("portrait", [pictures[0], shot("soft.jpg", 5.8, TINTED), pictures[2]]),
    ):
        found = rank(names, style).recommended
        assert found
        assert (found.key, found.runner_up, found.lead, found.preference) == ("clean.jpg", "soft.jpg", -0.8, "slight")
        assert "as what scores more, or about as much, has defects that weigh more" in found.why


def test_a_defect_that_the_next_has_too_takes_nothing_from_a_lead() -> None:
    found = rank([shot("a.jpg", 6, CLUTTERED), shot("b.jpg", 5.2, CLUTTERED)], "ecommerce").recommended
    assert found
    assert (found.key, found.lead, found.preference) == ("a.jpg", 0.8, "clear")
    assert "clearly scores highest" in found.why


@pytest.mark.parametrize("score", [4.71, 4.95])
def test_nobody_scores_clearly_highest_beside_what_scores_about_as_much(score: float) -> None:
    pictures = [shot("clean.jpg", 5), shot("soft.jpg", score, SURE), shot("dull.jpg", 4)]
    found = rank(pictures, "general").recommended
    assert found
    assert (found.key, found.runner_up) == ("clean.jpg", "dull.jpg")
    assert "clearly" not in found.why
    assert "about as much, has defects" in found.why


def test_the_only_picture_without_a_sure_defect_is_recommended_for_that() -> None:
    ranking = rank([shot("soft.jpg", 6, SURE), shot("clean.jpg", 5)], "general")
    assert ranking.recommended
    assert (ranking.recommended.key, ranking.recommended.lead, ranking.recommended.preference) == (
        "clean.jpg",
        -1.0,
        "slight",
    )
    assert "as all others have sure defects" in ranking.recommended.why


def test_a_required_policy_comes_before_defects_and_the_score() -> None:
    pretty, plain = shot("pretty.jpg", 8, main_image=BAD, group=0), shot("plain.jpg", 5, group=1)
    soft = shot("soft.jpg", 5.5, SURE, group=2)
    assert order(rank([pretty, soft, plain], "general")) == ["pretty.jpg", "plain.jpg", "soft.jpg"]
    ranking = rank([pretty, soft, plain], "general", required=True)
    assert order(ranking) == ["plain.jpg", "soft.jpg", "pretty.jpg"]
    assert [entry.tier.number for entry in ranking.entries] == [1, 2, 3]
    assert ranking.entries[2].tier.codes == ("white_background", "product_fill")
    assert ranking.recommended
    assert (ranking.recommended.key, ranking.recommended.runner_up) == ("plain.jpg", "soft.jpg")
    none = rank([pretty], "general", required=True)
    assert none.recommended is None
    assert none.note == (
        "No picture passes the policy; the best one, pretty.jpg, fails White background, Product fills the frame."
    )
    assert ranking.entries[2].tier.reason == (
        "It fails the required policy: White background, Product fills the frame."
    )
    told = {entry["key"]: entry["policy"]["pass"] for entry in rank([pretty, plain], "general").to_json()["entries"]}
    assert told == {"pretty.jpg": False, "plain.jpg": True}, "told even where it is not required"
    lenient = rank([pretty], "general", policy=Policy(rules=MainImageRules(white_share=0.1, fill=0.0)), required=True)
    assert lenient.recommended is None, "a product that is not found fills nothing"


@pytest.mark.parametrize("required", [False, True])
def test_the_best_and_the_best_that_passes_are_told_whichever_is_recommended(required: bool) -> None:
    pictures = [shot("pretty.jpg", 8, main_image=BAD), shot("plain.jpg", 5), shot("poor.jpg", 4)]
    ranking = rank(pictures, "general", required=required).to_json()
    assert (ranking["best"], ranking["best_passing"]) == ("pretty.jpg", "plain.jpg")
    failing = rank(pictures[:1], "general", required=required)
    assert (failing.best, failing.best_passing) == ("pretty.jpg", None)
    nothing = rank([], "general", required=required)
    assert (nothing.best, nothing.best_passing) == (None, None)


# What a style minds

MINDED = [(style, code) for style, found in STYLES.items() for code in found.minds]


def test_a_landscape_minds_lost_light_and_shadow_and_a_portrait_a_soft_subject_and_tints() -> None:
    assert {style: set(found.minds) for style, found in STYLES.items() if found.minds} == {
        "landscape": {"overexposure", "underexposure"},
        "portrait": {"soft", "motion_blur", "color_cast"},
    }
    assert set(DEFECTS).issuperset(code for _, code in MINDED)


@pytest.mark.parametrize(("style", "code"), MINDED)
def test_what_a_style_minds_weighs_as_a_sure_defect_does_and_is_told(style: str, code: str) -> None:
    pictures = [shot("seen.jpg", 5.5, replace(NAMED, code=code)), shot("grainy.jpg", 5, NAMED), shot("clean.jpg", 4.6)]
    ranking = rank(pictures, style)
    assert order(ranking) == ["grainy.jpg", "clean.jpg", "seen.jpg"]
    seen = ranking.to_json()["entries"][2]
    name = words()["deductions"][code]["name"]
    assert (seen["tier"], seen["tier_codes"]) == (2, [code])
    assert seen["tier_reason"] == f"This style minds what was found, which costs it a point in the order: {name}."
    assert seen["score"] == 5.5, "the composite is the article's"
    others = {other: order(rank(pictures, other))[0] for other in STYLES if (other, code) not in MINDED}
    assert set(others.values()) == {"seen.jpg"}, "the other styles do not"
    assert order(rank(pictures, style, Weights.of(1, 2)))[0] == "seen.jpg", "nor do weights of one's own"


def test_sure_defects_are_told_apart_from_those_that_are_minded() -> None:
    minded = replace(NAMED, code="color_cast")
    both, one = shot("both.jpg", 4.9, NAMED, minded, SURE), shot("one.jpg", 4.5, minded)
    ranking = rank([both, one, shot("clean.jpg", 4)], "portrait")
    assert order(ranking) == ["clean.jpg", "both.jpg", "one.jpg"]
    assert ranking.entries[1].tier.codes == ("soft", "color_cast"), "a sure one is named once"
    assert ranking.entries[1].tier.reason == (
        "It surely has a defect, which costs it a point in the order: softness. "
        "This style minds what was found, which costs it a point in the order: color cast."
    )
    assert ranking.recommended
    assert "as all others have sure defects, or some that this style minds" in ranking.recommended.why
    surely = rank([both, shot("clean.jpg", 4)], "portrait").recommended
    assert surely
    assert "as all others have sure defects." in surely.why


def test_a_ranking_says_what_its_style_minds_and_what_none_judges() -> None:
    told = {style: rank([shot("a.jpg", 5)], style).to_json() for style in STYLES}
    assert told["portrait"]["minds"] == ["soft", "motion_blur", "color_cast"]
    assert told["portrait"]["not_judged"] == ["skin_tone", "expression"]
    assert told["ecommerce"]["not_judged"] == ["true_colors", "side_shown"]
    assert (told["general"]["minds"], told["general"]["not_judged"]) == ([], [])


# Ties


@pytest.mark.parametrize(
    ("lead", "preference"),
    [(0.0, "tied"), (0.0999, "tied"), (0.1, "slight"), (0.2999, "slight"), (0.3, "clear"), (2.0, "clear")],
)
def test_how_sure_it_is_depends_on_the_lead(lead: float, preference: str) -> None:
    found = rank([shot("a.jpg", 5 + lead), shot("b.jpg", 5)], "general").recommended
    assert found
    assert (found.key, found.lead, found.preference) == ("a.jpg", lead, preference)
    assert found.tied == (("a.jpg", "b.jpg") if preference == "tied" else ())
    assert ("too close to call" in found.why) == (preference == "tied")
    assert f"{lead:.2f} ahead of b.jpg" in found.why or preference == "tied"


def test_with_nothing_to_choose_from_nothing_is_preferred() -> None:
    found = rank([shot("a.jpg", 5)], "general").recommended
    assert found
    assert (found.runner_up, found.lead, found.preference, found.tied) == (None, None, None, ())


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        (shot("z.jpg", 5), shot("a.jpg", 5.09, NAMED, file=LARGE), "fewer things cost it points"),
        (shot("z.jpg", 5, file=LARGE), shot("a.jpg", 5.09), "it is the larger picture"),
        (shot("z.jpg", 5.09), shot("a.jpg", 5, file=File(9, "JPEG", 1, 1)), "its score is a little higher"),
        (shot("z.jpg", 5), shot("a.jpg", 5, wide=True), "opinions on it are less divided"),
        (shot("a.jpg", 5), shot("z.jpg", 5), "its name sorts first"),
    ],
)
def test_what_is_too_close_to_call_is_ordered_by_other_merits(first: Result, second: Result, reason: str) -> None:
    ranking = rank([second, first, shot("far.jpg", 4)], "general")
    assert order(ranking) == [first.image.key, second.image.key, "far.jpg"]
    assert ranking.recommended
    assert ranking.recommended.tied == (first.image.key, second.image.key)
    assert f"it comes first as {reason}. " in ranking.recommended.why


def test_only_what_lies_beside_the_highest_is_ordered_so() -> None:
    """Else a chain of small steps would bring a clean picture past a much better one."""
    pictures = [shot("a.jpg", 6.0), shot("b.jpg", 5.85, NAMED), shot("c.jpg", 5.8), shot("d.jpg", 5.75)]
    assert order(rank(pictures, "general")) == ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]


def test_divided_opinions_are_nothing_against_a_picture_in_creative_style() -> None:
    tied = [shot("a.jpg", 6, wide=True), shot("b.jpg", 6)]
    assert order(rank(tied, "general")) == ["b.jpg", "a.jpg"]
    creative = rank(tied, "creative")
    assert order(creative) == ["a.jpg", "b.jpg"]
    assert creative.entries[0].composite.note == "possible_artistic_value"


def test_a_long_tie_is_named_in_part_and_listed_whole() -> None:
    found = rank([shot(f"{n}.jpg", 5) for n in range(9)], "general").recommended
    assert found
    assert "between 0.jpg, 1.jpg, 2.jpg, 3.jpg, 4.jpg and 4 more;" in found.why
    assert found.tied == tuple(f"{n}.jpg" for n in range(9))


# Near-duplicates


def test_five_copies_do_not_fill_the_top_five() -> None:
    copies = [result(f"copy-{n}.jpg", 7 - n / 100, 7, phash=HASHES[0][:-1] + "0123f"[n]) for n in range(5)]
    ranking = rank([*reversed(copies), shot("other.jpg", 5, group=1)], "general")
    assert order(ranking) == ["copy-0.jpg", "other.jpg"]
    assert ranking.entries[0].duplicates == tuple(f"copy-{n}.jpg" for n in range(1, 5))
    assert [entry.rank for entry in ranking.entries] == [1, 2]


@pytest.mark.parametrize(
    "copy",
    [
        shot("copy.jpg", 7, SURE, group=0, file=LARGE),
        shot("copy.jpg", 6.09, NAMED, group=0, file=LARGE),
        shot("copy.jpg", 6.09, group=0, file=File(100, "JPEG", 10, 10)),
    ],
    ids=["surely worse", "with a fault", "smaller"],
)
def test_a_copy_does_not_hide_its_original(copy: Result) -> None:
    original, other = shot("original.jpg", 6, group=0, file=LARGE), shot("other.jpg", 5, group=1)
    ranking = rank([copy, other, original], "general")
    assert order(ranking) == ["original.jpg", "other.jpg"]
    assert ranking.entries[0].duplicates == ("copy.jpg",)
    (told,) = ranking.to_json()["entries"][0]["copies"]
    assert (told["tier"], told["key"]) == (ranking.entries[0].copies[0].tier.number, "copy.jpg")


def test_a_better_shot_of_the_same_thing_stands_for_it() -> None:
    better, larger = shot("better.jpg", 6.3, NAMED, group=0), shot("larger.jpg", 6, group=0, file=LARGE)
    assert order(rank([larger, better], "general")) == ["better.jpg"]


def test_near_duplicates_are_the_same_ones_in_every_style() -> None:
    chain = ["0000000000000000", "000000000000003f", "0000000000000fff"]
    means = [(8, 2), (2, 8), (5, 5)]
    pictures = [result(f"{n}.jpg", *means[n], phash=phash) for n, phash in enumerate(chain)]
    for style in STYLES:
        groups = {frozenset((entry.key, *entry.duplicates)) for entry in rank(pictures, style).entries}
        assert groups == {frozenset({"0.jpg", "1.jpg"}), frozenset({"2.jpg"})}


def test_what_stands_for_a_group_passes_the_policy_where_it_has_to() -> None:
    passing, failing = shot("passing.jpg", 5, group=0), shot("failing.jpg", 6, group=0, main_image=BAD)
    assert order(rank([passing, failing], "general")) == ["failing.jpg"]
    strictly = rank([passing, failing], "general", required=True)
    assert (order(strictly), strictly.best, strictly.best_passing) == (["passing.jpg"], "failing.jpg", "passing.jpg")


# What is said


def test_rejected_pictures_are_listed_apart_and_nothing_is_recommended_without_scores() -> None:
    ranking = rank([rejected("z.jpg"), rejected("b.jpg")], "general")
    assert (order(ranking), ranking.recommended, ranking.note) == ([], None, "No picture here has scores.")
    assert [entry["key"] for entry in ranking.to_json()["rejected"]] == ["b.jpg", "z.jpg"]


def test_the_worst_deduction_is_named_and_an_entry_has_all_of_them() -> None:
    codes = ("low_contrast", "noise", "soft", "compression", "color_cast")
    blurred = shot("a.jpg", 6, *(Deduction(code, 0.5, 60, "levels", "It is flat.") for code in codes))
    ranking = rank([blurred], "portrait")
    assert ranking.recommended
    assert ranking.recommended.why.endswith("its main deduction is low contrast.")
    (entry,) = ranking.to_json()["entries"]
    assert tuple(deduction["code"] for deduction in entry["deductions"]) == codes, "the place depends on how many"


def test_everything_that_decides_can_be_said() -> None:
    for language in LANGUAGES:
        assert set(words(language)["decided"]) == set(Merits._fields)


# The order as such

PLACES = st.tuples(
    st.one_of(st.sampled_from([4.9, 4.95, 5.0, 5.0625, 5.1, 5.3, 5.4]), SCORES),
    st.integers(0, 2),  # deductions
    st.sampled_from([SURE, NAMED, TINTED, DARK]),  # what one of them is
    st.booleans(),  # whether opinions divide
    st.booleans(),  # whether it passes the policy
    st.integers(1, 2),  # its side
    st.integers(1, 2),  # its bytes
    st.one_of(st.none(), st.integers(0, 1)),  # which group of near-duplicates it is of
)
PICTURES = st.lists(PLACES, min_size=1, max_size=9)
ALONE = st.lists(PLACES.map(lambda place: (*place[:-1], None)), min_size=1, max_size=9)
STYLE = st.sampled_from(sorted(STYLES))


def made(number: int, place: tuple[Any, ...]) -> Result:
    score, deductions, worst, wide, passes, side, size, group = place
    found = [NAMED if n else worst for n in range(deductions)]
    more: dict[str, Any] = {} if passes else {"main_image": BAD}
    return shot(f"{number}.jpg", score, *found, group=group, wide=wide, file=File(size, "JPEG", side, side), **more)


def assert_ordered(pictures: list[Scored]) -> None:
    """In each tier what is tied by its reasons and its size, and below it by the composite; between tiers by that, too,
    less a point for a defect, but what fails a required policy comes last."""
    assert [one.tier.failing for one in pictures] == sorted(one.tier.failing for one in pictures)
    for defective, sound in itertools.permutations(pictures, 2):
        if defective.tier.number == sound.tier.number + 1 and not sound.tier.defective:
            ahead = defective.composite.score - sound.composite.score
            if ahead <= OUTWEIGHED - TIED:
                assert pictures.index(sound) < pictures.index(defective)
            if ahead > OUTWEIGHED + TIED:
                assert pictures.index(defective) < pictures.index(sound)
    for number in {one.tier.number for one in pictures}:
        tier = [one for one in pictures if one.tier.number == number]
        highest = max(one.composite.score for one in tier)
        close = [round(highest - one.composite.score, 4) < TIED for one in tier]
        assert close == sorted(close, reverse=True), "what is tied comes before what is not"
        tied, below = tier[: sum(close)], tier[sum(close) :]
        merits = [(len(one.assessment.deductions), -one.pixels, -one.composite.score) for one in tied]
        assert merits == sorted(merits)
        assert [one.composite.score for one in below] == sorted((one.composite.score for one in below), reverse=True)


@settings(deadline=None)
@given(PICTURES, STYLE, st.booleans(), st.randoms(use_true_random=False))
def test_a_ranking_is_a_total_order_whatever_the_order_of_its_pictures(
    places: list[tuple[Any, ...]], style: str, required: bool, chance: random.Random
) -> None:
    pictures = [made(n, place) for n, place in enumerate(places)]
    expected = rank(pictures, style, required=required)
    chance.shuffle(pictures)
    assert rank(pictures, style, required=required).to_json() == expected.to_json()
    assert sorted(flat(expected)) == sorted(picture.image.key for picture in pictures), "each is there once"
    assert_ordered(list(expected.entries))
    found = expected.recommended
    if found and found.preference == "clear":
        assert found.lead is not None
        assert found.lead >= CLEAR
    for entry in expected.entries:
        assert_ordered([entry, *entry.copies])


@settings(deadline=None)
@given(PICTURES, STYLE, st.booleans())
def test_a_picture_that_is_no_better_in_anything_moves_no_other(
    places: list[tuple[Any, ...]], style: str, required: bool
) -> None:
    """It comes last, or is a near-duplicate, and then the last one of its group."""
    pictures = [made(n, place) for n, place in enumerate(places)]
    worst = shot("~.jpg", 1, SURE, TINTED, DARK, wide=True, main_image=BAD, file=File(0, "JPEG", 1, 1), group=0)
    before, after = rank(pictures, style, required=required), rank([worst, *pictures], style, required=required)
    assert [key for key in flat(after) if key != "~.jpg"] == flat(before)
    assert "~.jpg" in {after.entries[-1].key, *(entry.duplicates[-1] for entry in after.entries if entry.copies)}
    if len(before.entries) > 1 and len(before.entries) == len(after.entries):
        assert after.recommended == before.recommended


@settings(deadline=None)
@given(ALONE, PLACES, STYLE)
def test_a_picture_that_is_not_the_highest_of_its_tier_moves_no_other(
    places: list[tuple[Any, ...]], more: tuple[Any, ...], style: str
) -> None:
    """Where there are no near-duplicates, a place beside another depends on the highest composite of a tier alone."""
    pictures = [made(n, place) for n, place in enumerate(places)]
    before, added = rank(pictures, style), made(99, (*more[:-1], None))
    after = rank([*pictures, added], style)
    (new,) = [entry for entry in after.entries if entry.key == "99.jpg"]
    peers = [e.composite.score for e in before.entries if e.tier.number == new.tier.number]
    if peers and max(peers) >= new.composite.score:
        assert [key for key in order(after) if key != "99.jpg"] == order(before)


@settings(deadline=None)
@given(ALONE, st.floats(0, 2), STYLE)
def test_a_higher_composite_never_costs_a_place(places: list[tuple[Any, ...]], gain: float, style: str) -> None:
    pictures = [made(n, place) for n, place in enumerate(places)]
    score = min(10.0, places[0][0] + gain)
    raised = [made(0, (score, *places[0][1:])), *pictures[1:]]
    before, after = order(rank(pictures, style)), order(rank(raised, style))
    assert after.index("0.jpg") <= before.index("0.jpg")


def test_a_stored_picture_of_an_older_release_is_in_the_tier_of_its_severity() -> None:
    from nima.document.item import from_item, to_item

    def stored(severity: float) -> Result:
        item = to_item(shot("a.jpg", 5, replace(SURE, severity=severity, sure=False)))
        del item["deductions"][0]["sure"]
        return from_item(item)

    assert [rank([stored(severity)], "general").entries[0].tier.number for severity in (0.12, 0.9)] == [1, 2]
    kept = from_item(to_item(shot("a.jpg", 5, replace(SURE, sure=False))))
    assert rank([kept], "general").entries[0].tier.number == 1, "what is stored counts, where it is"
