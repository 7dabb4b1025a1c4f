"""Folders as collections: their ids, and where the index has them."""

from __future__ import annotations

from urllib.parse import quote, unquote, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nima.catalogue.folders import MAX_ID_BYTES, MAX_KEY_BYTES, Folder
from nima.catalogue.keys import KeyPattern

# What escapes could get wrong stands more often than by chance.
names = st.text(st.one_of(st.sampled_from("~01/%+& ?#."), st.characters(codec="utf-8")), max_size=8)
paths = st.lists(names, max_size=5).map("/".join)


@given(paths)
@example("")
@example("~")
@example("a~1b")
@example("shoes/red")
def test_an_id_is_read_back_as_its_folder(path: str) -> None:
    folder = Folder(path)
    assert Folder.from_id(folder.id) == folder
    assert folder.id


@given(paths, paths)
def test_two_folders_have_two_ids(one: str, other: str) -> None:
    assert (Folder(one).id == Folder(other).id) == (one == other)


@given(paths)
def test_an_id_is_one_segment_of_a_url(path: str) -> None:
    sent = quote(Folder(path).id, safe="")
    found = urlsplit(f"https://example.com/collections/{sent}/ranking").path.split("/")
    assert [found[0], found[1], unquote(found[2]), found[3]] == ["", "collections", Folder(path).id, "ranking"]


def test_the_id_of_the_longest_path_is_as_long_as_the_api_takes() -> None:
    assert len(Folder("~" * MAX_KEY_BYTES).id) == MAX_ID_BYTES


@pytest.mark.parametrize("text", ["", "shoes/red", "~2", "a~", "~~", "~red"])
def test_what_no_folder_is_written_as_stands_for_none(text: str) -> None:
    assert Folder.from_id(text) is None


@given(st.text(st.sampled_from("ab~/0"), min_size=1, max_size=12))
def test_a_short_name_is_that_of_earlier_releases(key: str) -> None:
    was = KeyPattern("<category>/<collection>/<file>").place(key).collection
    short = Folder.of(key).short_name
    assert short
    if was is not None and not key.endswith("/"):
        assert short == was


@given(paths, st.sampled_from(["", "incoming/", "up-"]))
def test_what_is_filed_is_found_again(path: str, prefix: str) -> None:
    pattern = KeyPattern(prefix=prefix)
    key = f"{prefix}{path}/1.jpg"
    place = pattern.place(key)
    assert place.collection
    filed = pattern.filed(key, place.collection)
    assert pattern.collection(key, filed) == place.collection
    assert all(shelf.name == filed for shelf in pattern.shelves(place.collection))
    # What metadata says is its own text, in and out.
    assert pattern.collection(key, pattern.filed(key, "winter sale")) == "winter sale"


def test_a_folder_that_no_key_can_have_is_looked_for_nowhere() -> None:
    assert KeyPattern().shelves("a" * 1022)
    assert KeyPattern().shelves("a" * 1023) == ()
    assert KeyPattern("<collection>/<file>").shelves("shoes~1red") == ()
