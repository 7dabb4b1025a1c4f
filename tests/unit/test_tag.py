"""``nima tag``: what is written beside and into pictures, what is left alone, and taking it back."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import shlex
import shutil
import signal
import struct
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from nima.cli import scanning
from nima.cli.outcome import REFUSED
from nima.cli.tag import command
from nima.cli.undo import command as undo_command
from nima.desk import runs
from nima.desk.journal import Journal
from nima.desk.scan import Row
from nima.desk.tagging import Tagging, tag
from nima.desk.xmp.document import Document, parse
from nima.desk.xmp.jpeg import Jpeg
from nima.desk.xmp.packet import new_packet
from nima.desk.xmp.properties import (
    ACDSEE_RATING,
    ACDSEE_TAGGED,
    CAMERABITS_TAGGED,
    CAPTION,
    COLOR_LABEL,
    CREATOR,
    DARKTABLE_COLORS,
    HIERARCHY,
    LABEL,
    NUMBERS,
    PERCENT,
    PICK,
    PICK_LABEL,
    PUBLISHER,
    RATING,
    RIGHTS,
    SIDECAR_FOR,
    SUBJECT,
    TAGS,
    TITLE,
    WINDOWS_RATING,
    record,
)
from nima.desk.xmp.segments import STANDARD, segments, standard, standard_segment
from nima.desk.xmp.splice import Changes, Items, splice
from nima.errors import NimaError
from nima.interrupt import INTERRUPTED
from nima.shoot.capture import Capture
from nima.shoot.ratings import rate
from tests.dng import dng
from tests.documents import commands
from tests.pictures import encode, scene
from tests.unit.test_catalogue import result as scored
from tests.unit.test_journal import state
from tests.unit.test_xmp_splice import LIGHTROOM

DARKTABLE = LIGHTROOM.replace("camera-raw-settings", "darktable").replace('Rating="2"', 'CreatorTool="darktable"')


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where scores are remembered from one test to the next."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def _own_folders(kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "default_folder", lambda: tmp_path / "runs")
    monkeypatch.setattr(scanning, "cache_folder", lambda: kept)


@pytest.fixture
def shoot(kept: Path) -> Path:
    """Pictures from good to poor, a RAW with its JPEG and one alone, and other programs' sidecars.

    They lie where they did in the last test, so that their scores are remembered.
    """
    folder = kept / "shoot"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "day two").mkdir(parents=True)
    for number in range(5):
        blurred = scene(160, 120, seed=number).reduce(1 + number).resize((160, 120))
        (folder / f"{number}.jpg").write_bytes(encode(blurred, "JPEG"))
    raw = dng(scene(160, 120, seed=8))
    (folder / "pair.dng").write_bytes(raw)
    (folder / "pair.JPG").write_bytes(encode(scene(160, 120, seed=8), "JPEG"))
    (folder / "day two" / "пейзаж.dng").write_bytes(raw)
    (folder / "day two" / "пейзаж.xmp").write_text(LIGHTROOM, encoding="utf-8")
    (folder / "day two" / "5.png").write_bytes(encode(scene(160, 120, seed=9)))
    (folder / "day two" / "5.png.xmp").write_text(DARKTABLE, encoding="utf-8")
    for path in folder.rglob("*.*"):
        os.utime(path, ns=(1_500_000_000_123_456_789, 1_500_000_000_123_456_789))
    return folder


def nima_tag(model_folder: Path, *arguments: str | Path) -> Result:
    usual = ["--workers", "1", "--models", str(model_folder.parent), "--model", model_folder.name]
    done = CliRunner().invoke(command, [*usual, *map(str, arguments)], env={"COLUMNS": "200"})
    assert done.exception is None or isinstance(done.exception, SystemExit | NimaError), done.exception
    return done


def spoilt() -> bytes:
    """A picture that has a sure defect."""
    white = Image.new("RGB", (160, 120), "white")
    white.paste(scene(40, 30), (10, 10))
    return encode(white, "JPEG", quality=3)


def with_iptc(jpeg: bytes, told: Mapping[int, Sequence[str]], encoding: str) -> bytes:
    """A JPEG with IPTC records of a number each, as Photoshop keeps them."""
    records = b"".join(
        struct.pack(">BBBH", 0x1C, 2, number, len(data)) + data
        for number, texts in told.items()
        for data in (text.encode(encoding) for text in texts)
    )
    resource = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(records)) + records + b"\0" * (len(records) % 2)
    segment = b"Photoshop 3.0\0" + resource
    return jpeg[:2] + b"\xff\xed" + struct.pack(">H", len(segment) + 2) + segment + jpeg[2:]


def of(path: Path) -> Document:
    return parse(path.read_bytes())


def rated(path: Path, changes: Changes) -> None:
    before = path.read_bytes() if path.exists() else new_packet()
    path.write_bytes(splice(parse(before), changes))


def test_every_picture_is_tagged_by_both_namings_and_undoing_it_leaves_every_byte(
    model_folder: Path, shoot: Path
) -> None:
    before = state(shoot)
    done = nima_tag(model_folder, shoot, "--label", "--rejects", "--overwrite", "--sidecar", "both", "--embed", "jpeg")
    assert done.exit_code == 0, done.output
    for picture in (path for path in shoot.rglob("*") if path.suffix.lower() in (".jpg", ".dng", ".png")):
        beside = [picture.with_suffix(".xmp"), picture.with_name(picture.name + ".xmp")]
        found = [of(path) for path in beside]
        if picture.suffix.lower() == ".jpg":
            data = picture.read_bytes()
            assert Jpeg.of(data).packet
            found += [one for one in (Jpeg.of(data).packet,) if one]
        assert {one.value(RATING.key) for one in found} <= set("12345") | {"-1"}
        assert (
            len({tuple(one.value(prop.key) for prop in (RATING, PICK, LABEL, *NUMBERS.values())) for one in found}) == 1
        )
    again = nima_tag(model_folder, shoot, "--label", "--rejects", "--sidecar", "both", "--embed", "jpeg")
    assert "0 files written" in again.stdout
    alone = nima_tag(model_folder, shoot / "0.jpg", "--dry-run").stdout
    assert re.search(r"^1 picture, \d files? would be", alone, re.MULTILINE)
    assert nima_tag(model_folder, "--undo").exit_code == 0
    assert state(shoot) == before


def test_stars_differ_and_follow_the_scores(model_folder: Path, shoot: Path) -> None:
    nima_tag(model_folder, shoot)
    found = [of(path) for path in shoot.glob("?.jpg.xmp")]
    scores = [float(one.value(NUMBERS["Composite"].key) or 0) for one in found]
    stars = [int(one.value(RATING.key) or 0) for one in found]
    assert len(set(stars)) > 1
    in_order = [star for _, star in sorted(zip(scores, stars, strict=True))]
    assert in_order == sorted(in_order)


def test_a_raw_and_its_jpeg_are_tagged_alike(model_folder: Path, shoot: Path) -> None:
    nima_tag(model_folder, shoot)
    found = [of(shoot / name) for name in ("pair.xmp", "pair.JPG.xmp", "pair.dng.xmp")]
    assert len({(one.value(RATING.key), one.items(SUBJECT.key), one.value(PICK.key)) for one in found}) == 1
    assert [one.value(SIDECAR_FOR.key) for one in found] == ["DNG", None, None]


def test_pictures_of_one_name_share_no_sidecar_unless_they_are_one_shot(model_folder: Path, shoot: Path) -> None:
    (shoot / "0.png").write_bytes(encode(scene(160, 120, seed=5)))
    done = nima_tag(model_folder, shoot, "--sidecar", "adobe", "--dry-run")
    assert done.stdout.count(" 0.xmp") == 1
    assert "0.png.xmp" in nima_tag(model_folder, shoot, "--dry-run").stdout


def test_one_sidecar_by_two_names_is_written_once(model_folder: Path, shoot: Path) -> None:
    (shoot / "0.jpg.xmp").write_text(LIGHTROOM, encoding="utf-8")
    (shoot / "0.xmp").symlink_to("0.jpg.xmp")
    before = state(shoot)
    assert nima_tag(model_folder, shoot).exit_code == 0
    assert (shoot / "0.xmp").is_symlink()
    assert of(shoot / "0.jpg.xmp").value(NUMBERS["Stars"].key)
    nima_tag(model_folder, "--undo")
    assert state(shoot) == before


def test_pictures_whose_names_are_alike_do_not_share_a_sidecar(model_folder: Path, shoot: Path) -> None:
    for number in range(5):
        (shoot / f"{number}.jpg").rename(shoot / ("a.jpg", "A.JPG", "a.jpg.jpg", "b.jpg", "B.jpg")[number])
    if len({path.name.lower() for path in shoot.iterdir()}) == len(list(shoot.iterdir())):
        pytest.skip("the names are of one file here")
    rated(shoot / "A.JPG.xmp", {RATING: "1"})
    rated(shoot / "B.jpg.xmp", {RATING: "2"})
    for how in (("--sidecar", "both"), ("--sidecar", "both")):
        done = nima_tag(model_folder, shoot, *how)
        assert done.exit_code == 0, done.output
    assert "0 files written" in done.stdout
    files = [shoot / f"{name}.xmp" for name in ("a.jpg", "A.JPG", "a.jpg.jpg", "b.jpg", "B.jpg")]
    assert [of(path).value(RATING.key) for path in (files[1], files[4])] == ["1", "2"]
    assert all(of(path).value(record(RATING).key) for path in (files[0], files[2], files[3]))


def test_a_name_that_leaves_room_for_one_extension_only_has_the_shorter_sidecar(
    model_folder: Path, shoot: Path
) -> None:
    for stem in ("a" * 251, "b" * 247):
        shutil.copy(shoot / "0.jpg", shoot / f"{stem}.jpg")
    assert nima_tag(model_folder, shoot).exit_code == 0
    assert sorted(path.name for path in shoot.glob("[ab]*.xmp")) == [
        f"{'a' * 251}.xmp",
        f"{'b' * 247}.jpg.xmp",
        f"{'b' * 247}.xmp",
    ]
    refused = nima_tag(model_folder, shoot, "--sidecar", "darktable")
    assert refused.exit_code == REFUSED
    assert "file name too long" in refused.stderr


def test_another_programs_sidecar_is_the_one_that_is_used(model_folder: Path, shoot: Path) -> None:
    (shoot / "0.XMP").write_bytes(new_packet())
    nima_tag(model_folder, shoot)
    assert of(shoot / "0.XMP").value(RATING.key)
    assert not any((shoot / name).exists() for name in ("0.xmp", "0.jpg.xmp"))
    assert not (shoot / "day two" / "пейзаж.dng.xmp").exists()
    assert of(shoot / "day two" / "5.png.xmp").value(RATING.key)
    assert not (shoot / "day two" / "5.xmp").exists()
    asked = nima_tag(model_folder, shoot, "--sidecar", "darktable")
    assert asked.exit_code == 0
    assert of(shoot / "0.jpg.xmp").value(RATING.key)


def test_develop_settings_of_lightroom_stay_byte_for_byte(model_folder: Path, shoot: Path) -> None:
    nima_tag(model_folder, shoot, "--overwrite")
    after = (shoot / "day two" / "пейзаж.xmp").read_bytes().decode()
    start = LIGHTROOM.index("   crs:Temperature")
    assert LIGHTROOM[start : LIGHTROOM.index("    </rdf:Bag>")] in after
    assert LIGHTROOM[LIGHTROOM.index("   <crs:ToneCurve>") : LIGHTROOM.index(" </rdf:RDF>")] in after


@pytest.mark.parametrize("options", [(), ("--sidecar", "both"), ("--sidecar", "both", "--embed", "jpeg")])
def test_what_was_set_by_hand_stays_and_reaches_the_other_files(
    model_folder: Path, shoot: Path, options: tuple[str, ...]
) -> None:
    rated(shoot / "0.xmp", {RATING: "4", LABEL: "Red", PICK: "-1"})
    done = nima_tag(model_folder, shoot, "--label", "--dry-run", *options)
    assert "rating, pick, label" in done.stdout
    done = nima_tag(model_folder, shoot, "--label", *options)
    assert "2 pictures keep what was set by hand" in done.stdout  # that of Lightroom as well
    assert of(shoot / "day two" / "пейзаж.xmp").value(RATING.key) == "2"
    written = [of(path) for path in (shoot / "0.xmp", shoot / "0.jpg.xmp") if path.exists()]
    written += [one for one in (Jpeg.of((shoot / "0.jpg").read_bytes()).packet,) if one]
    assert len(written) == 1 + len(options) // 2
    for one in written:
        assert [one.value(prop.key) for prop in (RATING, LABEL, PICK)] == ["4", "Red", "-1"]
        assert one.value(record(RATING).key) is None
        assert one.value(NUMBERS["Composite"].key)
    nima_tag(model_folder, shoot, "--label", "--overwrite", "--stars", "score", *options)
    for path in (shoot / "0.xmp", shoot / "0.jpg.xmp"):
        if path.exists():
            assert of(path).value(RATING.key) == of(path).value(record(RATING).key)
            assert of(path).value(PICK.key) != "-1"


def test_a_new_sidecar_repeats_what_was_set_by_hand_in_one_that_is_not_written(model_folder: Path, shoot: Path) -> None:
    nima_tag(model_folder, shoot, "--sidecar", "darktable")
    assert of(shoot / "day two" / "пейзаж.dng.xmp").value(RATING.key) == "2"
    assert (shoot / "day two" / "пейзаж.xmp").read_text(encoding="utf-8") == LIGHTROOM


def test_what_gave_way_once_does_not_come_back(model_folder: Path, shoot: Path) -> None:
    for number in range(5):
        inside = splice(parse(new_packet()), {RATING: "2"})
        (shoot / f"{number}.jpg").write_bytes(encode(scene(160, 120, seed=number), "JPEG", xmp=inside))
    nima_tag(model_folder, shoot, "--sidecar", "both", "--overwrite", "--stars", "percentile")
    first = {path: of(path).value(RATING.key) for path in sorted(shoot.glob("?.xmp"))}
    assert set(first.values()) != {"2"}
    nima_tag(model_folder, shoot)
    assert {path: of(path).value(RATING.key) for path in first} == first


def test_own_ratings_are_brought_up_to_date_and_what_a_person_made_of_them_stays(
    model_folder: Path, shoot: Path
) -> None:
    nima_tag(model_folder, shoot)
    first = {path.name: of(path).value(RATING.key) for path in shoot.glob("?.jpg.xmp")}
    rated(shoot / "0.jpg.xmp", {RATING: None})
    rated(shoot / "1.jpg.xmp", {RATING: "3" if first["1.jpg.xmp"] != "3" else "4"})
    by_hand = {name: of(shoot / name).value(RATING.key) for name in ("0.jpg.xmp", "1.jpg.xmp")}
    nima_tag(model_folder, shoot, "--stars", "score")
    second = {path.name: of(path).value(RATING.key) for path in shoot.glob("?.jpg.xmp")}
    assert {name: second[name] for name in by_hand} == by_hand
    for name in set(first) - set(by_hand):
        assert second[name] == of(shoot / name).value(record(RATING).key)
    assert second != first


def test_keywords_of_others_stay_and_own_ones_go_when_they_no_longer_hold(model_folder: Path, shoot: Path) -> None:
    there = {
        SUBJECT: ("beach", "pick"),
        HIERARCHY: ("NIMA|earlier", "Places|beach"),
        record(HIERARCHY): ("NIMA|earlier",),
    }
    rated(shoot / "0.xmp", {one: Items(words) for one, words in there.items()})
    nima_tag(model_folder, shoot)
    found = of(shoot / "0.xmp")
    assert set(found.items(SUBJECT.key)) >= {"beach", "pick"}
    assert "NIMA|earlier" not in found.items(HIERARCHY.key)
    assert "Places|beach" in found.items(HIERARCHY.key)
    assert "pick" not in found.items(record(SUBJECT).key)


TOLD = {
    TITLE: ("Wannsee & friends",),
    CAPTION: ("The lake, \u2603",),
    RIGHTS: ("\u00a9 A. Nobody",),
    CREATOR: ("A. Nobody", "B. Nobody"),
    PUBLISHER: ("Nobody's",),
    SUBJECT: ("Berlin", "beach"),
    HIERARCHY: ("Places|Berlin", "beach"),
    TAGS: ("Places/Berlin", "beach"),
}


@pytest.mark.parametrize("kept_in", ["picture", "sidecar"])
def test_a_new_sidecar_says_what_people_said_of_the_picture_as_it_hides_that(
    model_folder: Path, shoot: Path, kept_in: str
) -> None:
    """Keywords, titles and authors, which darktable drops where a sidecar has none."""
    told = splice(parse(new_packet()), {one: Items(words) for one, words in TOLD.items()})
    if kept_in == "picture":
        (shoot / "0.jpg").write_bytes(encode(scene(160, 120), "JPEG", xmp=told))
    else:
        (shoot / "0.xmp").write_bytes(told)
    nima_tag(model_folder, shoot, "--sidecar", "both")
    found = of(shoot / "0.jpg.xmp")
    own = found.items(record(HIERARCHY).key)
    for one, words in TOLD.items():
        assert found.items(one.key)[: len(words)] == words, one
        assert not set(words) & set(found.items(record(one).key)), "they are nobody's but theirs"
    assert found.items(HIERARCHY.key) == (*TOLD[HIERARCHY], *own)
    assert b'xml:lang="x-default"' in found.data


def test_a_new_sidecar_says_what_a_jpegs_iptc_does(model_folder: Path, shoot: Path) -> None:
    told = {5: ("Wannsee",), 25: ("Berlin", "caf\u00e9"), 80: ("A. Nobody",), 116: ("mine",), 120: ("The lake",)}
    for number, encoding in enumerate(("utf-8", "latin-1")):
        (shoot / f"{number}.jpg").write_bytes(with_iptc(encode(scene(160, 120), "JPEG"), told, encoding))
    nima_tag(model_folder, shoot)
    for number in range(2):
        found = of(shoot / f"{number}.xmp")
        own = found.items(record(SUBJECT).key)
        said = {5: TITLE, 25: SUBJECT, 80: CREATOR, 116: RIGHTS, 120: CAPTION}
        assert {record: found.items(one.key) for record, one in said.items()} == {**told, 25: (*told[25], *own)}


def test_empty_records_of_iptc_say_nothing(model_folder: Path, shoot: Path) -> None:
    """As image libraries leave them: the caption of many a picture of the web."""
    told = {5: ("",), 25: ("", "Berlin", ""), 120: ("",)}
    (shoot / "0.jpg").write_bytes(with_iptc(encode(scene(160, 120), "JPEG"), told, "utf-8"))
    assert nima_tag(model_folder, shoot / "0.jpg").exit_code == 0
    found = of(shoot / "0.xmp")
    assert (found.items(CAPTION.key), found.items(TITLE.key)) == ((), ())
    assert found.items(SUBJECT.key)[:1] == ("Berlin",)


def test_own_keywords_of_a_picture_are_not_taken_for_a_persons_in_a_new_sidecar(
    model_folder: Path, shoot: Path
) -> None:
    own = {SUBJECT: ("NIMA", "earlier"), record(SUBJECT): ("NIMA", "earlier")}
    told = splice(parse(new_packet()), {one: Items(words) for one, words in own.items()})
    (shoot / "0.jpg").write_bytes(encode(scene(160, 120), "JPEG", xmp=told))
    nima_tag(model_folder, shoot)
    assert "earlier" not in of(shoot / "0.xmp").items(SUBJECT.key)


def test_flat_keywords_stay_in_sight_where_paths_are_the_first(model_folder: Path, shoot: Path) -> None:
    """darktable and digiKam read no flat ones where there are paths."""
    for number in range(5):
        rated(shoot / f"{number}.xmp", {SUBJECT: Items(("Berlin", "beach"))})
    nima_tag(model_folder, shoot)
    files = [of(shoot / f"{number}.xmp") for number in range(5)]
    assert any(found.items(HIERARCHY.key) for found in files)
    for found in files:
        paths, own = found.items(HIERARCHY.key), found.items(record(HIERARCHY).key)
        assert paths == (("Berlin", "beach", *own) if own else ())


def test_digikams_own_list_of_tags_has_them_too_where_there_is_one(model_folder: Path, shoot: Path) -> None:
    pictures = [*shoot.glob("*.jpg"), shoot / "pair.JPG", shoot / "pair.dng", shoot / "day two" / "пейзаж.dng"]
    names = [picture.with_name(f"{picture.name}.xmp") for picture in pictures]
    for name in names:
        rated(name, {TAGS: Items(("Places/beach",))})
    nima_tag(model_folder, shoot)
    own = [found.items(HIERARCHY.key) for found in map(of, names)]
    assert any(own)
    for found, words in zip(map(of, names), own, strict=True):
        assert found.items(TAGS.key) == ("Places/beach", *(word.replace("|", "/") for word in words))
    assert of(shoot / "day two" / "5.png.xmp").items(TAGS.key) == ()


def test_a_label_in_darktables_own_list_is_made_by_hand(model_folder: Path, shoot: Path) -> None:
    rated(shoot / "0.jpg.xmp", {DARKTABLE_COLORS: Items(("0",))})
    nima_tag(model_folder, shoot, "--label", "--sidecar", "both")
    assert of(shoot / "0.jpg.xmp").value(LABEL.key) is None
    assert [of(shoot / "0.xmp").value(one.key) for one in (LABEL, COLOR_LABEL)] == ["Red", "1"]
    nima_tag(model_folder, shoot, "--label", "--overwrite")
    assert of(shoot / "0.jpg.xmp").items(DARKTABLE_COLORS.key) == ()
    assert of(shoot / "0.jpg.xmp").value(LABEL.key) == of(shoot / "0.jpg.xmp").value(record(LABEL).key)


def test_a_rating_that_a_camera_or_windows_gave_is_made_by_hand(model_folder: Path, shoot: Path) -> None:
    exif = Image.Exif()
    exif[0x4746] = 5
    (shoot / "0.jpg").write_bytes(encode(scene(160, 120), "JPEG", exif=exif))
    inside = splice(parse(new_packet()), {RATING: "4"})
    (shoot / "1.jpg").write_bytes(encode(scene(160, 120), "JPEG", xmp=inside))
    scene(160, 120).save(shoot / "2.tif", tiffinfo={700: inside})
    (shoot / "2.jpg").unlink()
    nima_tag(model_folder, shoot)
    assert [of(shoot / f"{number}.xmp").value(RATING.key) for number in range(3)] == ["5", "4", "4"]


PERCENTS = {"1": "1", "2": "25", "3": "50", "4": "75", "5": "99"}
TAGGED = {"0": "False", "1": "True"}
OTHERS = {
    WINDOWS_RATING: (RATING, PERCENTS),
    ACDSEE_RATING: (RATING, {stars: stars for stars in PERCENTS}),
    PERCENT: (RATING, PERCENTS),
    ACDSEE_TAGGED: (PICK, TAGGED),
    CAMERABITS_TAGGED: (PICK, TAGGED),
}
"""What other programs write alone, with what they say in it."""


def test_what_other_programs_wrote_stays_and_is_in_step_once_it_gives_way(model_folder: Path, shoot: Path) -> None:
    for number, (other, (_, told)) in enumerate(OTHERS.items()):
        said = splice(parse(new_packet()), {other: told["4" if "4" in told else "1"]})
        (shoot / f"{number}.xmp").write_bytes(said)
        (shoot / f"{number}.jpg").write_bytes(encode(scene(160, 120, seed=number), "JPEG", xmp=said))
    pictures = sorted(shoot.glob("?.jpg"))
    before = state(shoot)
    done = nima_tag(model_folder, *pictures, "--embed", "jpeg", "--sidecar", "both")
    assert "5 pictures keep what was set by hand" in done.stdout
    for number, (other, (first, told)) in enumerate(OTHERS.items()):
        value = "4" if first == RATING else "1"
        for one in (of(shoot / f"{number}.xmp"), Jpeg.of((shoot / f"{number}.jpg").read_bytes())):
            assert (one.value(other.key), one.value(first.key)) == (told[value], None)
        repeated = of(shoot / f"{number}.jpg.xmp")
        assert (repeated.value(first.key), repeated.value(record(first).key)) == (value, None)
        assert repeated.value(other.key) is None
    nima_tag(model_folder, *pictures, "--embed", "jpeg", "--overwrite", "--stars", "score")
    for number, (other, (first, told)) in enumerate(OTHERS.items()):
        for one in (of(shoot / f"{number}.xmp"), Jpeg.of((shoot / f"{number}.jpg").read_bytes())):
            given = one.value(first.key)
            assert given == one.value(record(first).key)
            assert one.value(other.key) == told[given or ""]
    done = nima_tag(model_folder, *pictures, "--embed", "jpeg", "--stars", "percentile")
    assert "set by hand" not in done.stdout, "what is in step is nobody's"
    for number, (other, (first, told)) in enumerate(OTHERS.items()):
        one = of(shoot / f"{number}.xmp")
        assert one.value(other.key) == told[one.value(first.key) or ""]
    for _ in range(3):
        CliRunner().invoke(undo_command, [])
    assert state(shoot) == before


def test_what_is_set_in_another_program_afterwards_is_that_one_s(model_folder: Path, shoot: Path) -> None:
    rated(shoot / "0.xmp", {WINDOWS_RATING: "0", ACDSEE_TAGGED: "False"})
    nima_tag(model_folder, shoot / "0.jpg")
    stars = of(shoot / "0.xmp").value(RATING.key)
    assert of(shoot / "0.xmp").value(WINDOWS_RATING.key) == PERCENTS[stars or ""]
    rated(shoot / "0.xmp", {WINDOWS_RATING: "1" if stars != "1" else "99", ACDSEE_TAGGED: "True"})
    done = nima_tag(model_folder, shoot / "0.jpg")
    assert "1 picture keeps what was set by hand" in done.stdout
    assert of(shoot / "0.xmp").value(WINDOWS_RATING.key) == ("1" if stars != "1" else "99")


def test_what_is_rejected_has_no_stars_by_another_program_either(model_folder: Path, shoot: Path) -> None:
    (shoot / "0.jpg").write_bytes(spoilt())
    rated(shoot / "0.xmp", {WINDOWS_RATING: "99", ACDSEE_RATING: "5"})
    nima_tag(model_folder, shoot, "--rejects", "--overwrite")
    assert [of(shoot / "0.xmp").value(one.key) for one in (RATING, WINDOWS_RATING, ACDSEE_RATING)] == ["-1", None, None]


@pytest.mark.parametrize("first", [{LABEL: "Red"}, {RATING: "2"}], ids=["says nothing", "says otherwise"])
def test_a_second_packet_says_no_other_rating_than_the_first(model_folder: Path, shoot: Path, first: Changes) -> None:
    """exiftool takes the last, Adobe's programs the first."""
    photo = shoot / "0.jpg"
    second: Changes = {RATING: "4", SUBJECT: Items(("sea",))}
    packets = [splice(parse(new_packet()), given) for given in (first, second)]
    plain = photo.read_bytes()
    photo.write_bytes(plain[:2] + b"".join(map(standard_segment, packets)) + plain[2:])
    before = state(shoot)
    done = nima_tag(model_folder, photo, "--embed", "jpeg")
    assert "1 picture keeps what was set by hand" in done.stdout
    both = [parse(one.data[len(STANDARD) :]) for one in standard(segments(photo.read_bytes()))]
    assert [one.value(RATING.key) for one in both] == [first.get(RATING), "4"]
    nima_tag(model_folder, photo, "--embed", "jpeg", "--overwrite", "--stars", "score")
    found = Jpeg.of(photo.read_bytes())
    assert set(found.values(RATING.key)) == {found.value(record(RATING).key)}
    assert "sea" in found.items(SUBJECT.key)
    assert photo.read_bytes().endswith(plain[2:])
    for _ in range(2):
        CliRunner().invoke(undo_command, [])
    assert state(shoot) == before


def test_a_rating_by_exif_stays_in_a_jpeg_that_is_written_into(model_folder: Path, shoot: Path) -> None:
    def rating() -> str | None:
        return Jpeg.of((shoot / "0.jpg").read_bytes()).value(RATING.key)

    nima_tag(model_folder, shoot / "0.jpg", "--embed", "jpeg")
    exif = Image.Exif()
    exif[0x4746] = given = 1 if rating() != "1" else 2
    (shoot / "0.jpg").write_bytes(encode(scene(160, 120), "JPEG", exif=exif))
    for _ in range(2):
        assert "1 picture keeps" in nima_tag(model_folder, shoot / "0.jpg", "--embed", "jpeg").stdout
        assert rating() == str(given)


def test_rejects_are_marked_on_request_only(model_folder: Path, shoot: Path) -> None:
    (shoot / "0.jpg").write_bytes(spoilt())
    marked = {}
    for options in ((), ("--rejects",)):
        nima_tag(model_folder, shoot, "--label", *options)
        found = [of(path) for path in shoot.rglob("*.jpg.xmp")]
        marked[bool(options)] = [one for one in found if one.value(RATING.key) == "-1"]
        for one in marked[bool(options)]:
            assert [one.value(prop.key) for prop in (PICK, PICK_LABEL, LABEL, COLOR_LABEL)] == ["-1", "1", "Red", "1"]
            assert "NIMA|reject" in one.items(HIERARCHY.key)
    assert marked[False] == []
    assert marked[True]


@pytest.mark.parametrize("options", [(), ("--label",), ("--rejects",), ("--label", "--rejects")])
def test_a_dry_run_shows_what_is_written_and_no_more(
    model_folder: Path, shoot: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    (shoot / "0.jpg").write_bytes(spoilt())
    shown = nima_tag(model_folder, shoot, "--dry-run", *options).stdout.splitlines()
    nima_tag(model_folder, shoot, *options)
    written = {path: of(path) for path in shoot.glob("?.jpg.xmp")}
    assert len(written) == 5
    for path, one in written.items():
        (line,) = (line for line in shown if line.startswith(f"{path.stem} "))
        flag = {"1": ["pick"], "-1": ["reject"]}.get(one.value(PICK.key) or "", [])
        label = one.value(LABEL.key)
        assert line.split()[2:-2] == [*flag, *([label] if label else [])]


def test_ctrl_c_while_pictures_are_scored_says_that_nothing_is_written(model_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "many").mkdir()
    picture = encode(scene(160, 120, seed=5), "JPEG")
    for number in range(400):  # so many that none is done with them before it is told
        (tmp_path / "many" / f"{number}.jpg").write_bytes(picture)
    before = state(tmp_path / "many")
    screen, terminal = pty.openpty()
    command = [sys.executable, "-m", "nima.cli", "tag", "--models", str(model_folder.parent), str(tmp_path / "many")]
    with subprocess.Popen([*command, "--no-cache"], stdout=subprocess.DEVNULL, stderr=terminal) as running:
        os.close(terminal)
        told = b""
        while not re.search(rb" [1-9]\d?%", told):
            told += os.read(screen, 4096)
        running.send_signal(signal.SIGINT)
        with contextlib.suppress(OSError):  # what a terminal says whose last program has ended
            while more := os.read(screen, 4096):
                told += more
    os.close(screen)
    assert running.returncode == INTERRUPTED
    assert re.search(rb"Stopped after \d+ of 400 pictures; nothing is written\.", told)
    assert state(tmp_path / "many") == before


def test_a_dry_run_writes_nothing(model_folder: Path, shoot: Path, tmp_path: Path) -> None:
    before = state(shoot)
    done = nima_tag(model_folder, shoot, "--dry-run", "--embed", "jpeg")
    assert "would be written" in done.stdout
    assert "pair.JPG" in done.stdout
    assert state(shoot) == before
    assert not (tmp_path / "runs").exists()


def test_what_cannot_be_tagged_is_named_and_the_others_are(model_folder: Path, shoot: Path) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "ha">]>' + LIGHTROOM.replace("Reise", "&a;")
    (shoot / "0.xmp").write_text(bomb, encoding="utf-8")
    (shoot / "1.jpg.xmp").write_bytes(LIGHTROOM.encode("utf-16"))
    (shoot / "2.xmp").write_text("<x:xmpmeta", encoding="utf-8")
    for name in ("3.xmp", "3.jpg.xmp"):  # of a picture's files all are written, or none
        (shoot / name).write_text(LIGHTROOM, encoding="utf-8")
    (shoot / "3.jpg.xmp").chmod(0o444)
    (shoot / "broken.jpg").write_bytes(b"not a picture")
    (shoot / "4.xmp").mkdir()
    before = {name: (shoot / name).read_bytes() for name in ("0.xmp", "2.xmp", "3.xmp", "3.jpg.xmp")}
    told = nima_tag(model_folder, shoot, "--dry-run")
    done = nima_tag(model_folder, shoot)
    assert done.exit_code == told.exit_code == REFUSED
    assert done.stderr == told.stderr
    for said in (
        "0.jpg: unreadable_metadata: The XMP has a document type",
        "2.jpg: unreadable_metadata: The XMP is damaged. (2.xmp: ",
        "3.jpg: unwritable_file: The file cannot be written: it is marked read-only. (3.jpg.xmp)",
        "4.jpg: unreadable_file: The file cannot be read: it is no ordinary file. (4.xmp)",
        "broken.jpg: unsupported_format: ",
    ):
        assert said in done.stderr
    assert {name: (shoot / name).read_bytes() for name in before} == before
    assert not (shoot / "0.jpg.xmp").exists()
    wide = of(shoot / "1.jpg.xmp")
    assert (shoot / "1.jpg.xmp").read_bytes().decode("utf-16").startswith("<x:xmpmeta")
    assert (wide.value(RATING.key), bool(wide.value(NUMBERS["Stars"].key))) == ("2", True)
    assert of(shoot / "pair.xmp").value(RATING.key)


def test_undo_goes_back_to_a_named_run_and_needs_no_folder(model_folder: Path, shoot: Path) -> None:
    before = state(shoot)
    nima_tag(model_folder, shoot)
    (run,) = runs.runs()
    done = nima_tag(model_folder, "--undo", run.name)
    assert (done.exit_code, done.stdout.startswith(run.name)) == (0, True)
    assert state(shoot) == before
    assert nima_tag(model_folder).exit_code == 2


@pytest.mark.parametrize("line", [line for line in commands("nima") if line.split()[1] in ("tag", "undo")])
def test_the_documentation_can_be_typed(
    line: str, model_folder: Path, shoot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shoot.parent)
    for picture in sorted(shoot.rglob("*.*"))[1:]:
        if picture.is_file():
            picture.unlink()
    before = state(shoot)
    _, name, *arguments = shlex.split(line)
    if name == "undo" or "--undo" in arguments:
        nima_tag(model_folder, "shoot/", "--sidecar", "both")
        (run,) = runs.runs()
        arguments = [run.name if argument == "RUN" else argument for argument in arguments]
    done = nima_tag(model_folder, *arguments) if name == "tag" else CliRunner().invoke(undo_command, arguments)
    assert (done.exit_code, bool(done.stdout)) == (0, True), done.output
    written = (name == "tag" and not {"--dry-run", "--undo"} & set(arguments)) or "--list" in arguments
    assert (state(shoot) != before) == written


def row(path: Path) -> Row:
    return Row(path, path.name, scored(path.name, 5, 5), Capture())


def test_a_picture_that_goes_away_meanwhile_gets_no_sidecar_and_stops_nothing(tmp_path: Path) -> None:
    here, gone = tmp_path / "here.png", tmp_path / "no folder" / "gone.png"
    here.write_bytes(encode(scene(32, 32)))
    rows = [row(path) for path in (gone, here)]
    ratings = rate([one.result.assessment for one in rows if one.result.assessment])
    with Journal("tag") as written:
        one, other = tag(list(zip(rows, ratings, strict=True)), Tagging(), written)
    assert one.error
    assert one.error.code == "unreadable_file"
    assert other.error is None
    assert sorted(path.name for path in tmp_path.glob("*.xmp")) == ["here.png.xmp", "here.xmp"]
