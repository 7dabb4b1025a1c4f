"""The plug-in for Lightroom Classic at work, with the real command and API behind a strict stand-in for its SDK."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from nima.local.stack import LocalStack
from nima.model.folder import SHIPPED
from tests.answering import answering, refusal
from tests.dng import dng
from tests.fixtures_hosts import KEY
from tests.lightroom import Lightroom
from tests.waiting import PATIENCE

HERE = {"NIMA_MODELS": str(SHIPPED)}
_ODD = 'it\'s a folder, "really" $HOME `x` %TEMP% \\ 新しい'


def _copies(photograph: Path, folder: Path, *names: str) -> list[dict[str, Any]]:
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_bytes(photograph.read_bytes())
    return [{"path": str(folder / name)} for name in names]


def _left(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


# The command


def test_the_command_rates(photograph: Path, tmp_path: Path) -> None:
    folder = tmp_path / _ODD
    photos = _copies(photograph, folder, "dark.jpg", "new\nline.jpg", "hand.jpg", "[1].jpg", "label.jpg", "smart.dng")
    by_hand: list[dict[str, Any]] = [{"rating": 2}, {"pickStatus": -1}, {"label": "To print"}]
    for photo, facts in zip(photos[2:], by_hand, strict=False):
        photo.update(facts)
    away = {"path": "/unplugged/one.nef", "smartPreviewInfo": {"smartPreviewPath": photos[5]["path"]}}
    raw = {"path": str(folder / "dark.dng"), "fileFormat": "DNG"}
    Path(raw["path"]).write_bytes(dng(Image.new("RGB", (800, 600), "grey")))
    photos[5:] = [
        raw,
        away,
        {"path": str(folder / "film.mov"), "fileFormat": "VIDEO"},
        {"path": photos[0]["path"], "isVirtualCopy": True},
        {"path": str(folder / "gone.jpg")},
    ]
    lightroom = Lightroom(photos, tmp_path, environment=HERE, preferences={"setLabel": True})
    lightroom.rate()
    assert lightroom.errors == []
    found = [lightroom.found(place) for place in range(len(photos))]
    assert [one.get("rating") for one in found] == [3, 3, 2, 3, 3, 3, 3, None, None, None], (
        "of equals, but for a hand's"
    )
    assert found[0]["colorNameForLabel"] == "yellow"
    assert found[0]["properties"]["reasons"].startswith("underexposure")
    assert found[0]["properties"]["percentile"] == "50"
    assert (found[3]["pickStatus"], found[4]["label"]) == (-1, "To print"), "a hand has set it"
    assert found[5]["properties"]["scores"] == found[0]["properties"]["scores"], "a RAW has those of its JPEG"
    assert found[-1]["properties"] == {}
    assert "The file cannot be read" in str(lightroom.shown())
    assert lightroom.said == ["7 of 8 photographs rated"]
    assert _left(tmp_path) == {folder.name}, "nothing is left behind"


def test_its_own_ratings_are_renewed_in_chinese_too(photograph: Path, tmp_path: Path) -> None:
    photos = [*_copies(photograph, tmp_path / "s", "own.jpg", "taken.jpg", "judged.jpg", "shown.jpg", "left.jpg")]
    own = {"properties": {"written": "rating=5;pick=1;label=green", "percentile": "90"}, "rating": 5, "pickStatus": 1}
    photos[0] |= {**own, "colorNameForLabel": "green", "label": "Green"}
    photos[1] |= {**own, "rating": None, "pickStatus": 0}
    photos.append({"path": str(tmp_path / "s" / "gone.jpg")})

    def meanwhile(looks: int) -> None:
        lightroom.by_hand(2, rating=1)
        if lightroom.dialogs:
            lightroom.by_hand(3, rating=1)

    lightroom = Lightroom(
        photos, tmp_path, environment=HERE, preferences={"setLabel": True}, language="zh_cn", meanwhile=meanwhile
    )
    lightroom.rate()
    renewed, taken, judged, shown, left = (lightroom.found(place) for place in range(5))
    assert (renewed["rating"], renewed["pickStatus"], renewed["colorNameForLabel"]) == (3, 0, "yellow")
    assert renewed["properties"]["written"] == "rating=3;label=yellow"
    assert (taken.get("rating"), taken["pickStatus"], taken["colorNameForLabel"]) == (None, 0, "none")
    assert (judged["rating"], shown["rating"], left["rating"]) == (1, 1, 3), "what a hand sets meanwhile stays"
    assert shown["properties"]["written"] == "label=yellow"
    dialog = json.dumps(lightroom.shown(), ensure_ascii=False)
    assert "曝光不足" in dialog
    assert re.search(r"judged\.jpg   [^\\]*手动设置，保留", dialog)
    assert "无法读取文件。" in dialog
    assert renewed["properties"]["reasons"].startswith("曝光不足")
    assert lightroom.said == ["已为 6 张照片中的 5 张评级"]


def test_cancelling_ends_the_command_midway(photograph: Path, tmp_path: Path) -> None:
    photos = _copies(photograph, tmp_path / "s", *(f"{number}.jpg" for number in range(250)))
    for number, photo in enumerate(photos):  # no copies, so that each is scored
        Path(photo["path"]).write_bytes(photograph.read_bytes() + bytes([number]))

    def meanwhile(looks: int) -> None:
        if lightroom.progress:
            lightroom.cancel_after = 0

    lightroom = Lightroom(photos, tmp_path, environment=HERE, meanwhile=meanwhile)
    lightroom.rate()
    assert 0 < lightroom.progress[-1] < 250, "it was seen to go on"
    assert lightroom.codes() == [130], "it was ended"
    assert (lightroom.said, lightroom.errors, lightroom.shown()) == ([], [], None)
    assert _left(tmp_path) == {"s"}


def _script(folder: Path, text: str) -> str:
    """Another command than this package's."""
    file = folder / 'a "command"'
    file.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    file.chmod(0o755)
    return str(file)


def _sheet(folder: Path, photos: list[dict[str, Any]]) -> str:
    """A command that answers at once."""
    header = "path,rating,pick,label,technical,aesthetic,composite,percentile,reasons,model,error,code"
    text = "\n".join([header, *(f"{photo['path']},4,0,,5,5,5,50,,m 1,," for photo in photos)])
    (folder / "sheet.csv").write_text(text, encoding="utf-8")
    return _script(folder, f"""cp "$3" '{folder}/list'; cp '{folder}/sheet.csv' "$5" """)


def test_a_line_end_is_a_part_of_a_name(tmp_path: Path) -> None:
    photos = [{"path": "/s/new\nline.jpg"}]
    Lightroom(photos, tmp_path, preferences={"command": _sheet(tmp_path, photos)}).rate()
    assert (tmp_path / "list").read_bytes() == b"/s/new\nline.jpg\0"


def test_on_windows_too(photograph: Path, tmp_path: Path) -> None:
    photos = [*_copies(photograph, tmp_path / _ODD, "a.jpg"), {"path": str(tmp_path / "gone.jpg")}]
    lightroom = Lightroom(photos, tmp_path, environment=HERE, windows=True)
    lightroom.rate()
    assert lightroom.errors == []
    assert lightroom.said == ["1 of 2 photographs rated"], "exit code 3 is one, and no status"


def test_what_has_no_scores_is_shown_before_all_else(tmp_path: Path) -> None:
    photos: list[dict[str, Any]] = [{"path": f"/s/{number}.jpg"} for number in range(600)]
    lightroom = Lightroom(
        [*photos, {"path": "/s/left out.jpg"}], tmp_path, preferences={"command": _sheet(tmp_path, photos)}
    )
    lightroom.rate()
    assert "'left out.jpg   It was left out.\\n0.jpg" in str(lightroom.shown())


def test_nothing_is_rated_where_nothing_is_selected(photograph: Path, tmp_path: Path) -> None:
    lightroom = Lightroom(_copies(photograph, tmp_path / "s", "a.jpg"), tmp_path, environment=HERE, selected=False)
    lightroom.rate()
    assert lightroom.said == ["There is no photograph among what is selected."]
    assert lightroom.lines == []


@pytest.mark.parametrize("how", [{"answer": "cancel"}, {"busy": True}])
def test_nothing_is_written_unless_all_is_well(tmp_path: Path, how: dict[str, Any]) -> None:
    photos = [{"path": "/s/a.jpg"}]
    lightroom = Lightroom(photos, tmp_path, preferences={"command": _sheet(tmp_path, photos)}, **how)
    lightroom.rate()
    assert lightroom.found().get("rating") is None
    assert lightroom.found()["properties"] == {}
    assert ["Lightroom is busy" in error for error in lightroom.errors] == [True] * ("busy" in how)


def test_two_hundred_are_written_at_a_time(tmp_path: Path) -> None:
    photos: list[dict[str, Any]] = [{"path": f"/s/{number}.jpg"} for number in range(450)]
    chosen = {"command": _sheet(tmp_path, photos)}
    lightroom = Lightroom(photos, tmp_path, preferences=chosen)
    lightroom.rate()
    assert lightroom.batches == [200, 200, 50]
    assert lightroom.said == ["450 of 450 photographs rated"]

    def meanwhile(looks: int) -> None:
        if len(stopped.batches) == 2:
            stopped.cancel_after = 0

    stopped = Lightroom(photos, tmp_path, preferences=chosen, meanwhile=meanwhile)
    stopped.rate()
    assert stopped.batches == [200, 200]
    assert stopped.said == ["400 of 450 photographs rated"]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('printf "What: 新\\n" >&2; exit 1', "failed. What: 新"),
        ('echo "Error: No such option: --running" >&2; exit 2', "another release than this plug-in. Error: No such"),
        ("kill -9 $$", "failed."),
        ("exit 130", "failed."),
    ],
)
def test_it_says_what_the_command_said(photograph: Path, tmp_path: Path, text: str, error: str) -> None:
    command = _script(tmp_path, text)
    photos = _copies(photograph, tmp_path / "s", "a.jpg")
    lightroom = Lightroom(photos, tmp_path, preferences={"command": f'"{command}" '})
    lightroom.rate()
    (said,) = lightroom.errors
    assert error in said
    assert command in said
    assert lightroom.found()["properties"] == {}


def test_a_command_that_is_nowhere(photograph: Path, tmp_path: Path) -> None:
    photos = _copies(photograph, tmp_path / "s", "a.jpg")
    lightroom = Lightroom(photos, tmp_path, preferences={"command": "~/nowhere/nima"})
    lightroom.rate()
    (error,) = lightroom.errors
    assert f"The command {tmp_path}/nowhere/nima failed." in error
    assert "not found" in error


# The API


def _by_api(url: str, **more: Any) -> dict[str, Any]:
    return {"preferences": {"judge": "api", "url": url, **more}, "key": KEY}


def test_the_api_rates(stack: LocalStack, photograph: Path, tmp_path: Path) -> None:
    photos = [*_copies(photograph, tmp_path / "s", "a.jpg"), {"path": str(tmp_path / "gone.jpg")}]
    photos[0]["properties"] = {"percentile": "90"}
    lightroom = Lightroom(photos, tmp_path, **_by_api(f" {stack.api}/ "))
    lightroom.rate()
    assert lightroom.errors == []
    rated = lightroom.found()
    assert rated["rating"] in range(1, 6)
    assert rated["properties"]["written"] == f"rating={rated['rating']}"
    assert rated["properties"]["reasons"].startswith("underexposure")
    assert rated["properties"]["model"].startswith("nima-lite ")
    assert "percentile" not in rated["properties"], "that of an earlier run among others"
    assert "has no preview of it. no preview" in str(lightroom.shown())
    assert lightroom.said == ["1 of 2 photographs rated"]
    assert _left(tmp_path) == {"s"}


def test_a_wrong_key_is_tried_once(stack: LocalStack, photograph: Path, tmp_path: Path) -> None:
    photos = _copies(photograph, tmp_path / "s", "a.jpg", "b.jpg")
    asked: list[str] = []

    def preview(path: str) -> bytes:
        asked.append(path)
        return Path(path).read_bytes()

    lightroom = Lightroom(photos, tmp_path, **{**_by_api(stack.api), "key": "another"}, preview=preview)
    lightroom.rate()
    assert len(asked) == 1
    assert str(lightroom.shown()).count("A valid API key is needed") == 2
    assert lightroom.batches == []


@pytest.mark.parametrize(
    "url", ["http://a.example", "a.example", "https://", "https://a.example/?x", "ftp://a.example"]
)
def test_no_key_travels_in_the_clear(photograph: Path, tmp_path: Path, url: str) -> None:
    lightroom = Lightroom(_copies(photograph, tmp_path / "s", "a.jpg"), tmp_path, **_by_api(url))
    lightroom.rate()
    (error,) = lightroom.errors
    assert "begins with https://" in error


@pytest.mark.parametrize(
    ("status", "body", "times", "said"),
    [
        (401, refusal("unauthorized"), 1, "It is unauthorized."),
        (403, b'{"message": "Forbidden"}', 1, "Forbidden"),
        (404, b"<html>", 1, "The API answers with status 404."),
        (413, refusal("image_too_large"), 2, "It is image_too_large."),
        (413, b'{"message": "Request Entity Too Large"}', 1, "Request Entity Too Large"),
        (422, refusal("undecodable_image"), 2, "It is undecodable_image."),
        (429, b'{"message": "Too Many Requests"}', 3, "Too Many Requests"),
        (500, refusal("internal"), 1, "It is internal."),
        (503, b"", 3, "The API answers with status 503."),
        (200, b"<html>a router</html>", 1, "is another program"),
        (200, b'{"composite": 1}', 1, "is another program"),
        (200, b"[]", 1, "is another program"),
        (None, b"", 1, "The API does not answer (timedOut)."),
    ],
)
def test_it_says_what_the_api_said(
    photograph: Path, tmp_path: Path, status: int | None, body: bytes, times: int, said: str
) -> None:
    photos = _copies(photograph, tmp_path / "s", "a.jpg", "b.jpg")
    with answering(lambda asked: (status, body) if status else None) as (url, asked):
        lightroom = Lightroom(photos, tmp_path, patience=PATIENCE if status else 1, **_by_api(url))
        lightroom.rate()
    assert str(lightroom.shown()).count(said) == 2
    assert len(asked) == times
    assert (lightroom.errors, lightroom.batches) == ([], [])


def test_an_api_that_is_down(photograph: Path, tmp_path: Path) -> None:
    lightroom = Lightroom(_copies(photograph, tmp_path / "s", "a.jpg"), tmp_path, **_by_api("http://127.0.0.1:1"))
    lightroom.rate()
    assert "The API does not answer (cannotConnectToHost)." in str(lightroom.shown())


def test_what_was_found_before_the_api_failed_is_kept(stack: LocalStack, photograph: Path, tmp_path: Path) -> None:
    import requests

    answered = requests.post(
        f"{stack.api}/evaluate", files={"image": photograph.read_bytes()}, headers={"x-api-key": KEY}, timeout=PATIENCE
    )
    photos = _copies(photograph, tmp_path / "s", "a.jpg", "b.jpg", "c.jpg")
    with answering(lambda asked: ((503, b""), (200, answered.content), (500, b""))[min(asked, 2)]) as (url, _):
        lightroom = Lightroom(photos, tmp_path, **_by_api(url))
        lightroom.rate()
    assert lightroom.said == ["1 of 3 photographs rated"], "the first after a second try"
    assert lightroom.found(0)["rating"] in range(1, 6)
    assert lightroom.found(1)["properties"] == {}


def test_cancelling_ends_the_wait_for_a_busy_api(photograph: Path, tmp_path: Path) -> None:
    photos = _copies(photograph, tmp_path / "s", "a.jpg", "b.jpg")

    def meanwhile(looks: int) -> None:
        lightroom.cancel_after = 0 if asked else None

    with answering(lambda asked: (429, b"")) as (url, asked):
        lightroom = Lightroom(photos, tmp_path, **_by_api(url), meanwhile=meanwhile)
        lightroom.rate()
    assert len(asked) == 1
    assert lightroom.shown() is None


def test_a_preview_that_never_comes(photograph: Path, tmp_path: Path) -> None:
    lightroom = Lightroom(
        _copies(photograph, tmp_path / "s", "a.jpg"),
        tmp_path,
        **_by_api("https://a.example"),
        preview=lambda path: None,
    )
    lightroom.rate()
    assert "has no preview of it." in str(lightroom.shown())


def test_cancelling_ends_the_wait_for_a_preview(photograph: Path, tmp_path: Path) -> None:
    photos = _copies(photograph, tmp_path / "s", "a.jpg")
    lightroom = Lightroom(photos, tmp_path, **_by_api("https://a.example"), cancel_after=3, preview_seconds=20)
    lightroom.rate()
    assert lightroom.shown() is None
    assert lightroom.seconds() < 5


def test_the_command_of_this_python_is_the_usual_one(tmp_path: Path) -> None:
    command = Lightroom([], tmp_path).run("Settings").read().command
    assert Path(command).parent == Path(sys.executable).parent
