"""The plug-in for Lightroom Classic: its own files run in Lua 5.1, against a strict stand-in for the SDK."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nima.document.composite import STYLES
from nima.hosts.plugins import install
from tests.lightroom import PLUGIN, Lightroom, translations

pytest.importorskip("lupa.lua51", reason="Lua 5.1 (lupa) is not installed")

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


@pytest.mark.parametrize("text", ["", "{", '{"a" 1}', "[1 2]", '"', "nul", "[" * 5000, '"\\u12"'])
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
def test_a_shell_passes_arguments_on_as_they_are(lightroom: Lightroom, argument: str) -> None:
    line = lightroom.run("Command").line(lightroom.lua.table("printf", "%s|", argument, "end"), False)
    said = subprocess.run(["/bin/sh", "-c", line], capture_output=True, text=True, check=True).stdout
    assert said == f"{argument}|end|"


@pytest.mark.parametrize("argument", ["plain", "two words", "C:\\folder\\", 'a "b"', "C:\\x y\\", 'back\\"slash'])
def test_windows_gets_what_its_programs_take_apart(lightroom: Lightroom, argument: str) -> None:
    line = lightroom.run("Command").line(lightroom.lua.table("C:\\Program Files\\nima.exe", argument), True)
    assert (line[0], line[-1]) == ('"', '"')  # cmd takes these away
    program, rest = line[1:-1].split('" ', 1)
    assert program == '"C:\\Program Files\\nima.exe'
    assert rest == subprocess.list2cmdline([f" {argument}"]).replace('" ', '"', 1)  # a blank makes Python quote it


def test_exit_codes_are_those_of_the_command(lightroom: Lightroom) -> None:
    code = lightroom.run("Command").code
    assert [code(status, False) for status in (0, 256, 768, 9)] == [0, 1, 3, None]
    assert [code(status, True) for status in (0, 1, 3)] == [0, 1, 3]


def test_what_a_hand_has_set_stays(lightroom: Lightroom) -> None:
    of, table = lightroom.run("Changes").of, lightroom.lua.table
    row = table(rating="4", pick="1", label="Green", error="")
    chosen = {"setRating": True, "setPick": True, "setLabel": True, "setReject": False, "overwrite": False}

    def changes(photo: dict[str, Any], **other: bool) -> tuple[dict[str, Any], list[str]]:
        found, kept = of(table(**photo), row, table(**{**chosen, **other}))
        return dict(found), list(kept.values())

    assert changes({"rating": 0, "pick": 0, "label": "none"}) == ({"rating": 4, "pick": 1, "label": "green"}, [])
    assert changes({"rating": 2, "pick": -1, "label": "red"}) == ({}, ["rating", "pick", "label"])
    assert changes({"rating": 2, "pick": 0}, overwrite=True)[0]["rating"] == 4
    assert changes({"rating": 2, "written": "rating=2;pick=1"})[0]["rating"] == 4, "its own is renewed"
    assert changes({"rating": 3, "written": "rating=2"})[1] == ["rating"], "changed by hand since"


def test_both_languages_say_everything() -> None:
    sources = "".join(file.read_text(encoding="utf-8") for file in PLUGIN.glob("*.lua"))
    english = dict(re.findall(r"'\$\$\$/([^'=]+)=([^']*)'", sources))
    chinese = translations("zh_cn")
    assert set(english) == set(chinese)
    for key, text in english.items():
        assert sorted(re.findall(r"\^\d", text)) == sorted(re.findall(r"\^\d", chinese[key])), key


def test_it_offers_every_style(lightroom: Lightroom) -> None:
    source = (PLUGIN / "InfoProvider.lua").read_text(encoding="utf-8")
    assert re.findall(r"value = '(\w+)', title = LOC '\$\$\$/Nima/Style", source) == list(STYLES)
    sections = lightroom.run("InfoProvider").sectionsForTopOfDialog(lightroom.host["view"])
    assert len(list(sections.values())) == 2


def test_a_copy_replaces_an_older_one_and_nothing_else(tmp_path: Path) -> None:
    made = install("lightroom", tmp_path)
    (made / "old.lua").touch()
    assert install("lightroom", tmp_path) == made
    assert {file.name for file in made.iterdir()} == {file.name for file in PLUGIN.iterdir()}
