"""Label files as people have them: votes and histograms, wrong ones named by line, and what the report warns of."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nima.errors import InvalidRequest
from nima.training.labels.findings import REFUSAL, WARNING, Finding, Refused, check
from nima.training.labels.labels import Labels, read

COUNTS = [0, 0, 1, 5, 18, 39, 31, 22, 9, 7]


def photograph(path: Path, seed: int) -> None:
    """A small picture of its own for each seed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tiles = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    Image.fromarray(tiles).resize((48, 48), Image.Resampling.BICUBIC).save(path)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Twelve pictures of four scenes: ``a_0.png`` .. ``d_2.png``."""
    folder = tmp_path / "pictures"
    for seed in range(12):
        photograph(folder / f"{'abcd'[seed // 3]}_{seed % 3}.png", seed)
    return folder


NAMES = [f"{scene}_{number}" for scene in "abcd" for number in range(3)]


def written(folder: Path, header: Sequence[str], rows: Iterable[Sequence[Any]], name: str = "labels.csv") -> Path:
    with (folder / name).open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return folder / name


def votes(raters: int = 12, seed: int = 1) -> list[tuple[str, str, int]]:
    """Votes of raters who agree, within a score, that picture ``n`` deserves about ``2 + n / 2``."""
    rng = random.Random(seed)
    return [
        (name, f"r{rater}", min(10, max(1, 2 + index // 2 + rng.choice((-1, 0, 1)))))
        for index, name in enumerate(NAMES)
        for rater in range(raters)
    ]


def codes(findings: Iterable[Finding]) -> dict[str, tuple[str, ...]]:
    return {finding.code: finding.items for finding in findings}


def refused(findings: Iterable[Finding]) -> set[str]:
    return {finding.code for finding in findings if finding.severity == REFUSAL}


def test_single_votes_become_distributions(pictures: Path, tmp_path: Path) -> None:
    path = written(
        tmp_path, ["Image", "rater", "score"], [("a_0.png", "x", 3), ("a_0.png", "y", 3), ("a_0.png", "z", 7)]
    )
    labels, _ = read(path, pictures)
    assert labels.images == ("a_0.png",)
    assert labels.distributions.tolist() == [[0, 0, pytest.approx(2 / 3), 0, 0, 0, pytest.approx(1 / 3), 0, 0, 0]]
    assert labels.means[0] == pytest.approx(13 / 3)
    assert labels.votes.tolist() == [3]
    assert labels.files == (pictures / "a_0.png",)


@pytest.mark.parametrize("columns", [[f"s{i}" for i in range(1, 11)], [str(i) for i in range(1, 11)]])
def test_a_histogram_in_ten_columns(pictures: Path, tmp_path: Path, columns: list[str]) -> None:
    labels, _ = read(written(tmp_path, ["image_id", *columns], [("b_1", *COUNTS)]), pictures)
    np.testing.assert_allclose(labels.distributions[0], np.array(COUNTS) / sum(COUNTS))
    assert labels.votes.tolist() == [132]


def test_the_json_form_that_others_use(pictures: Path, tmp_path: Path) -> None:
    path = tmp_path / "labels.json"
    photograph(pictures / "954013.jpg", 99)
    path.write_text(json.dumps([{"image_id": 954013, "label": COUNTS, "score": 6.75}]))
    labels, _ = read(path, pictures)
    assert labels.images == ("954013",)
    assert labels.means[0] == pytest.approx(float(np.dot(COUNTS, range(1, 11))) / sum(COUNTS))


def test_shares_have_no_known_number_of_raters(pictures: Path, tmp_path: Path) -> None:
    rows = [("a_0", *[0.1] * 10), ("a_1", 1, *[0] * 9)]
    labels, findings = read(written(tmp_path, ["image", *map(str, range(1, 11))], rows), pictures)
    assert labels.votes.tolist() == [0, 0]
    assert "unknown_raters" in codes(findings)
    assert "few_raters" not in codes(findings)


def test_pictures_are_found_by_name_in_any_case_and_folder(pictures: Path, tmp_path: Path) -> None:
    photograph(pictures / "shoes" / "Front.PNG", 50)
    photograph(pictures / "hats" / "front.png", 51)
    photograph(pictures / "hats" / "side.png", 52)
    rows = [(name, "x", 5) for name in ("A_0", "side", "shoes/front", "../pictures/a_1.png")]
    labels, _ = read(written(tmp_path, ["file", "user", "rating"], rows), pictures)
    found = dict(zip(labels.images, (file.relative_to(pictures).as_posix() for file in labels.files), strict=True))
    assert found == {
        "A_0": "a_0.png",
        "side": "hats/side.png",
        "shoes/front": "shoes/Front.PNG",
        "../pictures/a_1.png": "a_1.png",
    }
    rows += [(name, "x", 5) for name in ("front", "../others/a_2.png", "gone.jpg")]
    with pytest.raises(Refused) as refused:
        read(written(tmp_path, ["file", "user", "rating"], rows), pictures)
    assert codes(refused.value.findings)["ambiguous_file"] == ("front",)
    assert codes(refused.value.findings)["missing_file"] == ("../others/a_2.png", "gone.jpg")


def test_a_folder_that_misses_much_is_refused_and_one_loss_in_twenty_is_not(pictures: Path, tmp_path: Path) -> None:
    for seed in range(12, 20):
        photograph(pictures / f"e_{seed}.png", seed)
    names = [file.name for file in sorted(pictures.iterdir())]
    (pictures / names[0]).write_bytes(b"not a picture")
    path = written(tmp_path, ["image", "rater", "score"], [(name, "x", 5) for name in names])
    labels, findings = read(path, pictures)
    assert len(labels) == 19
    assert codes(findings)["unreadable_file"] == (names[0],)
    assert {finding.severity for finding in findings} == {WARNING}
    check(findings)
    (pictures / names[1]).unlink()
    _, findings = read(path, pictures)
    assert refused(findings) == {"unreadable_file", "missing_file"}
    with pytest.raises(InvalidRequest, match=f"missing_file.*{names[1]}"):
        check(findings)


def test_nothing_to_train_on_is_refused(pictures: Path, tmp_path: Path) -> None:
    with pytest.raises(Refused) as error:
        read(written(tmp_path, ["image", "rater", "score"], [("nowhere", "x", 5)]), pictures)
    assert refused(error.value.findings) == {"no_pictures", "missing_file"}


@pytest.mark.parametrize(("raters", "warned"), [(9, True), (10, False)])
def test_fewer_than_ten_raters_are_warned_of(pictures: Path, tmp_path: Path, raters: int, warned: bool) -> None:
    _, findings = read(written(tmp_path, ["image", "rater", "score"], votes(raters)), pictures)
    assert ("few_raters" in codes(findings)) is warned
    assert codes(findings).get("few_raters", ()) == (tuple(NAMES) if warned else ())
    check(findings)


@pytest.mark.parametrize(("count", "warned"), [(499, True), (500, False)])
def test_fewer_than_five_hundred_pictures_are_warned_of(tmp_path: Path, count: int, warned: bool) -> None:
    folder = tmp_path / "many"
    for seed in range(count):
        photograph(folder / f"{seed}.png", seed)
    rows = [(seed, *COUNTS) for seed in range(count)]
    progress: list[tuple[int, int]] = []
    path = written(tmp_path, ["image", *map(str, range(1, 11))], rows)
    _, findings = read(path, folder, tick=lambda done, total: progress.append((done, total)))
    assert ("few_pictures" in codes(findings)) is warned
    assert progress == [(done, count) for done in range(1, count + 1)]


def test_raters_who_stand_apart_are_named_and_can_be_left_out(pictures: Path, tmp_path: Path) -> None:
    honest = votes()
    wrong = [(name, "contrary", 9 - index // 2) for index, name in enumerate(NAMES)]
    bored = [(name, "bored", 5) for name in NAMES]
    seldom = [(name, "seldom", 5) for name in NAMES[:9]]
    path = written(tmp_path, ["image", "rater", "score"], [*honest, *wrong, *bored, *seldom])
    labels, findings = read(path, pictures)
    assert codes(findings)["constant_rater"] == ("bored",)
    assert codes(findings)["contrary_rater"] == ("contrary",)
    assert labels.votes[0] == 15
    cleaned, _ = read(path, pictures, drop_outliers=True)
    alone, _ = read(written(tmp_path, ["image", "rater", "score"], [*honest, *seldom], "alone.csv"), pictures)
    np.testing.assert_array_equal(cleaned.distributions, alone.distributions)
    assert cleaned.votes[0] == 13


def test_a_second_vote_replaces_the_first(pictures: Path, tmp_path: Path) -> None:
    labels, findings = read(
        written(tmp_path, ["image", "rater", "score"], [("a_0", "x", 2), ("a_0", "x", 9)]), pictures
    )
    assert (labels.means.tolist(), labels.votes.tolist()) == ([9], [1])
    assert codes(findings)["repeated_vote"] == ("a_0 (x)",)


def test_the_same_picture_in_two_groups_is_noticed(pictures: Path, tmp_path: Path) -> None:
    with Image.open(pictures / "a_0.png") as image:
        image.resize((96, 96)).save(pictures / "d_copy.jpg", quality=70)
    names = [file.stem for file in sorted(pictures.iterdir())]
    path = written(tmp_path, ["image", "rater", "score"], [(name, "x", 5) for name in names])
    labels, findings = read(path, pictures, grouping="prefix")
    assert codes(findings)["near_duplicates"] == ("a_0 ~ d_copy",)
    assert set(labels.groups) == set("abcd")


def test_groups_come_from_a_column_a_folder_or_the_name(pictures: Path, tmp_path: Path) -> None:
    def groups(labels: Labels) -> list[str]:
        return list(dict.fromkeys(labels.groups))

    plain = written(tmp_path, ["image", "rater", "score"], [(name, "x", 5) for name in NAMES])
    named = [(name, "x", 5, "top" if name[0] in "ab" else "low") for name in NAMES]
    column = written(tmp_path, ["image", "rater", "score", "product"], named, "column.csv")
    assert groups(read(column, pictures)[0]) == ["top", "low"]
    assert groups(read(column, pictures, grouping="prefix")[0]) == list("abcd")
    assert groups(read(plain, pictures)[0]) == NAMES
    assert groups(read(plain, pictures, grouping="folder")[0]) == ["."]
    with pytest.raises(InvalidRequest, match="Not every picture"):
        read(plain, pictures, grouping="column")
    with pytest.raises(InvalidRequest, match="folder, prefix"):
        read(plain, pictures, grouping="scene")


def test_many_scenes_in_names_or_folders_are_taken_for_groups(tmp_path: Path) -> None:
    for seed in range(24):
        photograph(tmp_path / "names" / f"I{seed // 2:02d}-{seed % 2}_1.png", seed)
        photograph(tmp_path / "folders" / f"shoe {seed // 2}" / f"{seed % 2}.png", seed)
    for folder in ("names", "folders"):
        files = sorted((tmp_path / folder).rglob("*.png"))
        rows = [(file.relative_to(tmp_path / folder), "x", 5) for file in files]
        labels, _ = read(written(tmp_path, ["image", "rater", "score"], rows), tmp_path / folder)
        assert len(set(labels.groups)) == 12
        assert labels.groups[0] == labels.groups[1] != labels.groups[2]


def test_labels_are_not_changed_by_accident(pictures: Path, tmp_path: Path) -> None:
    labels, _ = read(written(tmp_path, ["image", "rater", "score"], votes()), pictures)
    with pytest.raises(ValueError, match="read-only"):
        labels.distributions[0, 0] = 1
    part = labels.subset([2, 0])
    assert (part.images, part.hashes) == (("a_2", "a_0"), (labels.hashes[2], labels.hashes[0]))
    np.testing.assert_array_equal(part.distributions, labels.distributions[[2, 0]])


def test_missing_files_and_folders_are_refused(pictures: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="cannot be read"):
        read(tmp_path / "none.csv", pictures)
    with pytest.raises(InvalidRequest, match="is not a folder"):
        read(written(tmp_path, ["image", "rater", "score"], votes()), tmp_path / "none")


def test_findings_read_as_lines_with_their_codes(pictures: Path, tmp_path: Path) -> None:
    rows = [*votes(9), ("gone", "r1", 5)]
    with pytest.raises(Refused) as error:
        read(written(tmp_path, ["image", "rater", "score"], rows), pictures)
    lines = [str(finding) for finding in error.value.findings]
    assert [line.split(": ")[:2] for line in lines] == [
        ["refusal", "missing_file"],
        ["warning", "few_pictures"],
        ["warning", "few_raters"],
    ]
    assert "(gone)" in lines[0]
    assert "(a_0, a_1, a_2, b_0, b_1, b_2, c_0, c_1, c_2, d_0, and 2 more)" in lines[2]
    assert error.value.findings[0].severity == REFUSAL


def test_votes_from_one_to_five_are_asked_about(pictures: Path, tmp_path: Path) -> None:
    header = ["image", "rater", "score"]
    half = [(name, rater, (score + 1) // 2) for name, rater, score in votes()]
    assert "half_scale" in codes(read(written(tmp_path, header, half), pictures)[1])
    assert "half_scale" not in codes(read(written(tmp_path, header, votes()), pictures)[1])
    assert "half_scale" not in codes(read(written(tmp_path, header, half[:9]), pictures)[1])


def test_a_split_is_read_in_any_case_of_letters(pictures: Path, tmp_path: Path) -> None:
    rows = [("a_0", "x", 5, "Train"), ("a_1", "x", 5, "TEST")]
    path = written(tmp_path, ["image", "rater", "score", "split"], rows)
    assert read(path, pictures)[0].sides == ("train", "test")
