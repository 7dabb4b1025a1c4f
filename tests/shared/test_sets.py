"""Real brackets, focus stacks and files of one shot are kept whole or grouped, as ``nima pick`` tells of them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from nima.cli import pick
from nima.cli.outcome import REFUSED


@pytest.fixture
def shoot(shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """All of them in one folder."""
    if not (shared / "photographer").is_dir():
        pytest.skip("photographer: it is not among the shared data")
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    folder = tmp_path / "shoot"
    folder.mkdir()
    for name in ("brackets", "bursts"):
        for path in (shared / "photographer" / name).iterdir():
            shutil.copyfile(path, folder / path.name)
    return folder


def picked(folder: Path, *options: str, code: int = 0) -> dict[str, dict[str, Any]]:
    done = CliRunner().invoke(pick.command, [str(folder), "--format", "json", *options], catch_exceptions=False)
    assert done.exit_code == code, done.output
    return {one["filename"]: one for one in map(json.loads, done.stdout.splitlines())}


@pytest.mark.parametrize("options", [[], ["--keep", "10%"], ["--burst", "10s"], ["--similar", "16"]], ids=" ".join)
def test_sets_are_kept_whole_whatever_is_asked_of_the_rest(shoot: Path, options: list[str]) -> None:
    found = picked(shoot, *options)
    groups: dict[int, set[str]] = {}
    for name, one in found.items():
        groups.setdefault(one["group"], set()).add(name)
        if one["kind"] in ("bracket", "stack", "panorama"):
            assert one["verdict"] == "pick"
    kinds = {frozenset(names): found[min(names)]["kind"] for names in groups.values()}
    assert kinds == {
        frozenset(f"focus_a_{number:03d}.jpg" for number in range(1, 8)): "stack",
        frozenset(f"street_DSC_00{number}.jpg" for number in (95, 97, 99)): "bracket",
        frozenset(f"taipei_DSC_00{number}.jpg" for number in (63, 64, 65)): "bracket",
        frozenset({"IMG_4120.JPG", "IMG_4120 copy.JPG", "IMG_E4120.JPG"}): "burst",
        frozenset({"near_01.jpg"}): "single",
        frozenset({"near_02.jpg"}): "single",
    }


@pytest.mark.parametrize("place", ["first", "middle", "last"])
def test_what_is_left_of_a_set_is_kept_whole_where_one_of_its_files_is_cut_short(shoot: Path, place: str) -> None:
    sets = {
        "bracket": ["street_DSC_0095.jpg", "street_DSC_0097.jpg", "street_DSC_0099.jpg"],
        "stack": [f"focus_a_{number:03d}.jpg" for number in range(1, 8)],
    }
    gone = {names[{"first": 0, "middle": len(names) // 2, "last": -1}[place]] for names in sets.values()}
    for name in gone:
        (shoot / name).write_bytes((shoot / name).read_bytes()[:2000])
    found = picked(shoot, "--keep", "5%", code=REFUSED)
    for kind, names in sets.items():
        left = [found[name] for name in names if name not in gone]
        assert {(one["kind"], one["verdict"]) for one in left} == {(kind, "pick")}
        assert len({one["group"] for one in left}) == 1


def test_of_the_files_of_one_shot_the_copy_alone_is_rejected(shoot: Path) -> None:
    found = picked(shoot)
    assert {name: one["verdict"] for name, one in found.items() if one["kind"] == "burst"} == {
        "IMG_4120.JPG": "pick",
        "IMG_4120 copy.JPG": "reject",
        "IMG_E4120.JPG": "alternate",
    }
    assert [name for name, one in found.items() if one["verdict"] == "reject"] == ["IMG_4120 copy.JPG"]


def test_the_best_of_each_set_is_picked_on_request(shoot: Path) -> None:
    found = picked(shoot, "--sets", "best")
    assert sum(one["verdict"] == "pick" for one in found.values()) == 6


def test_sets_are_known_by_their_names_order_where_no_moment_is_stated(shoot: Path) -> None:
    from PIL import ExifTags, Image

    for path in shoot.iterdir():
        with Image.open(path) as image:
            exif = image.getexif()
            for tags in (exif, exif.get_ifd(ExifTags.IFD.Exif)):
                tags.pop(ExifTags.Base.DateTimeOriginal, None)
            data = image.info.get("exif") and exif
            image.save(path, quality="keep", exif=data or b"")
    kinds = {one["kind"] for name, one in picked(shoot).items() if not name.startswith(("near", "IMG"))}
    assert kinds == {"bracket", "stack"}
