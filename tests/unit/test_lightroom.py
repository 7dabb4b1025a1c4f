"""The plug-in for Lightroom Classic: its own files run in Lua 5.1, against a strict stand-in for the SDK."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import resource
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nima.document.composite import STYLES
from nima.errors import InvalidRequest
from nima.hosts.plugins import install
from nima.words import words
from tests.lightroom import SOURCES, Lightroom, cmd, plugin, translations

pytest.importorskip("lupa.lua51", reason="Lua 5.1 (lupa) is not installed")

_SAY = """printf '%s|' "$0" "$@"; printf said >&2"""
_CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=12)
_JSON = st.recursive(
    st.booleans() | st.integers(-(10**9), 10**9) | st.floats(-1e6, 1e6) | st.text(max_size=8),
    lambda some: st.lists(some, max_size=3) | st.dictionaries(st.text(max_size=5), some, max_size=3),
    max_leaves=12,
)


@pytest.fixture(scope="module")
def lightroom(tmp_path_factory: pytest.TempPathFactory) -> Lightroom:
    return Lightroom([], tmp_path_factory.mktemp("temp"))


def _plain(value: Any) -> Any:
    """What Lua has of a JSON value: no null, and an empty list is an empty object."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return {place: _plain(one) for place, one in enumerate(value, 1)} if isinstance(value, list) else value


def _python(value: Any) -> Any:
    return {name: _python(one) for name, one in value.items()} if hasattr(value, "items") else value


@given(_JSON)
@settings(max_examples=150, deadline=None)
def test_reads_json(lightroom: Lightroom, value: Any) -> None:
    for ascii in (True, False):
        found = lightroom.run("Json").read(json.dumps(value, ensure_ascii=ascii))
        assert _python(found) == _plain(value)


@pytest.mark.parametrize("text", ["", "{", '{"a" 1}', "[1 2]", '"', "nul", "1 2", "{} x", "[" * 5000, '"\\u12"'])
def test_refuses_what_is_no_json(lightroom: Lightroom, text: str) -> None:
    assert lightroom.lua.eval("function(read, text) return (pcall(read, text)) end")(
        lightroom.run("Json").read, text
    ) in (False, None)


@given(st.lists(st.lists(_CELLS, min_size=3, max_size=3), max_size=4))
@settings(max_examples=150, deadline=None)
def test_reads_csv(lightroom: Lightroom, rows: list[list[str]]) -> None:
    file = io.StringIO()
    csv.writer(file).writerows([["a", "b", "c"], *rows])
    found = lightroom.run("Sheet").read("\ufeff" + file.getvalue())
    assert [[row[name] for name in "abc"] for row in found.values()] == rows


@pytest.mark.parametrize(
    "argument", ["plain", "two words", "it's", '"quoted"', "$HOME `x` \\ !", "$(id)", "新しい", "-x"]
)
def test_a_shell_passes_arguments_on_as_they_are(lightroom: Lightroom, tmp_path: Path, argument: str) -> None:
    errors = tmp_path / f"it's {'新'} .txt"
    line = lightroom.run("Command").line(lightroom.lua.table("sh", "-c", _SAY, argument, "end"), str(errors), False)
    said = subprocess.run(["/bin/sh", "-c", line], capture_output=True, text=True, check=True).stdout
    assert said == f"{argument}|end|"
    assert errors.read_text(encoding="utf-8") == "said"


@given(st.lists(st.text('ab "\\\\/&^|<>新', max_size=6), max_size=3))
@settings(max_examples=150, deadline=None)
def test_windows_gets_what_its_programs_take_apart(lightroom: Lightroom, arguments: list[str]) -> None:
    line_of = ["C:\\Program Files\\nima.exe", *arguments]
    line = lightroom.run("Command").line(lightroom.lua.table(*line_of), "C:\\a b\\", True)
    assert cmd(line) == (line_of, "C:\\a b\\")
    assert subprocess.list2cmdline(line_of[:1]) in line


def test_exit_codes_are_those_of_the_command(lightroom: Lightroom) -> None:
    code = lightroom.run("Command").code
    assert [code(status, False) for status in (0, 256, 768, 9)] == [0, 1, 3, None]
    assert [code(status, True) for status in (0, 1, 3)] == [0, 1, 3]


def test_what_a_hand_has_set_stays(lightroom: Lightroom) -> None:
    of, table = lightroom.run("Changes").of, lightroom.lua.table
    chosen = {"setRating": True, "setPick": True, "setLabel": True, "setReject": False, "overwrite": False}

    def changes(
        state: dict[str, Any], row: tuple[str, str | None, str | None] = ("4", "1", "Green"), **other: bool
    ) -> tuple[dict[str, Any], list[str]]:
        facts = {"rating": 0, "pick": 0, "label": "none", **state}
        given = dict(zip(("rating", "pick", "label"), row, strict=True))
        found, kept = of(table(**facts), table(**given), table(**{**chosen, **other}))
        return dict(found), list(kept.values())

    by_hand = {"rating": 2, "pick": -1, "label": "red"}
    assert changes({}) == ({"rating": 4, "pick": 1, "label": "green"}, [])
    assert changes(by_hand) == ({}, ["rating", "pick", "label"])
    assert changes(by_hand, overwrite=True) == ({"rating": 4, "pick": 1, "label": "green"}, [])
    assert changes({"rating": 4, "pick": 1, "label": "green"}) == ({}, []), "it is so already"
    assert changes({"label": "custom"})[1] == ["label"]
    assert changes({"rating": 2, "written": "rating=2;pick=1"})[0]["rating"] == 4, "its own is renewed"
    assert changes({"rating": 3, "written": "rating=2"})[1] == ["rating"], "changed by hand since"
    assert changes({"rating": 0, "pick": 0, "written": "rating=2;pick=1"})[1] == ["rating", "pick"], "taken away"
    own = {"rating": 5, "pick": 1, "label": "green", "written": "rating=5;pick=1;label=green"}
    assert changes(own, ("3", "0", "")) == ({"rating": 3, "pick": 0, "label": "none"}, []), "no longer deserved"
    assert changes(own, ("3", None, None)) == ({"rating": 3}, []), "the API says nothing of flags and labels"
    assert changes(by_hand, ("3", "0", ""), overwrite=True) == ({"rating": 3}, []), "nothing is put in place of those"
    assert changes(own, ("1", "-1", "Red"))[0]["pick"] == 0, "nor is it a pick where rejects are not wanted"
    assert "pick" not in changes(own, ("1", "0", "Red"), setPick=False, setReject=True)[0], (
        "picks are no business of it"
    )
    assert changes({}, ("1", "-1", "Red")) == ({"rating": 1, "label": "red"}, []), "rejects are not wanted"
    assert changes({}, ("1", "-1", "Red"), setReject=True)[0]["pick"] == -1


def test_what_was_written_is_remembered(lightroom: Lightroom) -> None:
    remembered, table = lightroom.run("Changes").remembered, lightroom.lua.table
    assert remembered(table(), table(rating=4, pick=1)) == "rating=4;pick=1"
    assert remembered(table(written="rating=5;pick=1"), table(rating=4, pick=0)) == "rating=4"
    assert remembered(table(written="rating=5;label=red"), table()) == "rating=5;label=red"


@pytest.mark.parametrize(
    ("typed", "command"),
    [
        ("", "nima"),
        (' "C:\\Program Files\\nima.exe" ', "C:\\Program Files\\nima.exe"),
        ("~/bin/nima", "{home}/bin/nima"),
        ("nima", "nima"),
    ],
)
def test_a_command_may_be_typed_as_people_do(tmp_path: Path, typed: str, command: str) -> None:
    lightroom = Lightroom([], tmp_path, preferences={"command": typed})
    found = lightroom.run("Settings").read().command
    assert found == command.replace("{home}", str(tmp_path)) or (not typed and Path(found).name == command)


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://a.example/Prod", True),
        ("http://127.0.0.1:8000", True),
        ("http://localhost", True),
        ("http://[::1]:8000", True),
        ("http://127.0.0.1.a.example", False),
        ("http://localhost@a.example", False),
        ("http://192.168.1.2:8000", False),
        ("https:///", False),
        ("https://a.example/ x", False),
    ],
)
def test_where_a_key_may_go(lightroom: Lightroom, url: str, safe: bool) -> None:
    assert bool(lightroom.run("Settings").is_safe(url)) == safe


def test_the_settings_dialog_keeps_what_is_typed(tmp_path: Path) -> None:
    lightroom = Lightroom([], tmp_path, preferences={"style": "portrait"}, key="old")
    provider = lightroom.run("InfoProvider")
    properties = lightroom.lua.table()
    provider.startDialog(properties)
    sections = provider.sectionsForTopOfDialog(lightroom.host["view"], properties)
    fields: list[Any] = []

    def walk(view: Any) -> None:
        fields.extend([view] if view["kind"] in ("edit_field", "password_field") else [])
        for child in view.values():
            if hasattr(child, "items"):
                walk(child)

    for section in sections.values():
        walk(section)
    assert [field.immediate for field in fields] == [True, True, True], "macOS drops what has no Return behind it"
    assert properties.key == "old"
    properties.key = " new\n"
    provider.endDialog(properties)
    assert lightroom.host.passwords["nima-api-key"] == "new"
    assert (lightroom.host.preferences.style, lightroom.host.preferences.command) == ("portrait", "")


def test_both_languages_say_everything() -> None:
    sources = "".join(file.read_text(encoding="utf-8") for file in SOURCES.glob("*.lua"))
    english = dict(re.findall(r"'\$\$\$/([^'=]+)=([^']*)'", sources))
    chinese = translations("zh_cn")
    assert set(english) == set(chinese)
    for key, text in english.items():
        assert sorted(re.findall(r"\^\d", text)) == sorted(re.findall(r"\^\d", chinese[key])), key


def test_it_offers_every_style(lightroom: Lightroom) -> None:
    source = (SOURCES / "InfoProvider.lua").read_text(encoding="utf-8")
    assert re.findall(r"value = '(\w+)', title = LOC '\$\$\$/Nima/Style", source) == list(STYLES)
    sections = lightroom.run("InfoProvider").sectionsForTopOfDialog(lightroom.host["view"], lightroom.lua.table())
    assert len(list(sections.values())) == 2


def test_what_is_defined_is_what_the_guide_allows(lightroom: Lightroom) -> None:
    info, definition, tagset = (lightroom.run(name) for name in ("Info", "MetadataDefinition", "MetadataTagset"))
    fields = {one.id: one for one in definition.metadataFieldsForPhotos.values()}
    for name, one in fields.items():
        assert re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", name)
        assert set(one) <= {"id", "title", "dataType", "values", "searchable", "browsable", "readOnly"}
        assert one.title or set(one) == {"id"}, "what is shown nowhere is no criterion"
        assert one.searchable or not one.browsable
        assert (one.dataType == "enum") == bool(one["values"])
        values = list(one["values"].values()) if one["values"] else []
        assert [value.title for value in values if value.value is None] == ["not rated"] * bool(values)
    shown = [item.removeprefix(f"{info.LrToolkitIdentifier}.") for item in tagset["items"].values()]
    assert {item for item in shown if not item.startswith("com.adobe.")} == {
        n for n, one in fields.items() if one.title
    }
    files = (info.LrMetadataProvider, info.LrMetadataTagsetFactory, info.LrPluginInfoProvider)
    menus = [menu.file for menu in info.LrLibraryMenuItems.values()]
    assert all((plugin() / file).is_file() for file in (*files, *menus))


@pytest.mark.parametrize("language", ["en", "zh_cn"])
def test_reasons_fit_into_a_field(tmp_path: Path, language: str) -> None:
    codes = words("en")["deductions"]
    said = Lightroom([], tmp_path, language=language).run("Words").reasons(" ".join(codes))
    assert len(said.encode()) <= 511
    assert "_" not in said


def test_a_copy_replaces_an_older_one_and_nothing_else(tmp_path: Path) -> None:
    made = install("lightroom", tmp_path)
    (made / "old.lua").touch()
    assert install("lightroom", tmp_path) == made
    assert {file.name for file in made.iterdir()} == {file.name for file in plugin().iterdir()}
    assert list(tmp_path.iterdir()) == [made]


def test_an_older_copy_stays_whole_where_no_new_one_can_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = install("lightroom", tmp_path)
    (made / "old.lua").touch()
    before = {file.name for file in made.iterdir()}
    rename = Path.rename

    def refused(self: Path, target: Path) -> Path:
        if self.name.endswith(".new"):
            raise PermissionError(13, "Permission denied")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refused)
    with pytest.raises(InvalidRequest, match="cannot be written: Permission denied"):
        install("lightroom", tmp_path)
    assert {file.name for file in made.iterdir()} == before
    assert list(tmp_path.iterdir()) == [made]


def test_a_copy_that_the_disk_does_not_take_says_why(tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        with pytest.raises(InvalidRequest, match="cannot be written: File too large"):
            install("lightroom", tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list(tmp_path.iterdir()) == []


def test_a_new_copy_is_whole_where_an_older_one_is_in_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = install("lightroom", tmp_path)
    (made / "old.lua").touch()
    unlink = os.unlink

    def refused(path: str, **how: Any) -> None:
        if Path(path).name == "Info.lua":
            raise PermissionError(32, "It is used by another process", path)
        unlink(path, **how)

    with monkeypatch.context() as patched:
        patched.setattr(os, "unlink", refused)
        assert install("lightroom", tmp_path) == made
    assert {file.name for file in made.iterdir()} == {file.name for file in plugin().iterdir()}
    install("lightroom", tmp_path)
    assert list(tmp_path.iterdir()) == [made], "what was left is gone the next time"
