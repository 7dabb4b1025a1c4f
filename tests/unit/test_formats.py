"""Every format of the registry: known by its content, decoded, counted, and accepted by each of its names."""

from __future__ import annotations

from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest

from nima.errors import NimaError
from nima.image.decode import read_picture
from nima.image.formats import FORMATS, RAW_EXTENSIONS, TYPES
from nima.image.limits import MEBIBYTE, Limits
from nima.image.sniff import sniff
from nima.local.files import RAW, find
from nima.web.media import picture_type
from tests.pictures import difference, encode, heic, scene

SMALL = scene(320, 240)


def file_of(kind: str) -> bytes:
    return bytes(heic(SMALL)) if kind == "HEIF" else encode(SMALL, kind)


@pytest.mark.parametrize("kind", FORMATS)
def test_its_files_are_read_and_cut_off_refused(kind: str) -> None:
    data = file_of(kind)
    picture = read_picture(data, Limits())
    assert (sniff(data), picture.format, picture.width, picture.height) == (kind, kind, 320, 240)
    assert difference(picture.frame, SMALL) < 12
    with pytest.raises(NimaError):
        read_picture(data[: len(data) // 2], Limits())
    with pytest.raises(NimaError, match="memory"):
        read_picture(data, Limits(memory=200 * MEBIBYTE))


@pytest.mark.parametrize("kind", FORMATS)
def test_its_files_are_found_and_its_uploads_taken_by_every_name(kind: str, tmp_path: Path) -> None:
    for name, registered in FORMATS[kind].types.items():
        for alias in (name, *registered.aliases, f"{name.upper()}; charset=binary"):
            assert picture_type(alias) == name
        for extension in registered.extensions:
            (tmp_path / f"a{extension}").touch()
            (tmp_path / f"B{extension.upper()}").touch()
    found = find(tmp_path)
    assert len(found.pictures) == 2 * sum(len(registered.extensions) for registered in FORMATS[kind].types.values())
    assert found.skipped == ()


def test_no_name_stands_for_two_formats() -> None:
    names = Counter(
        name
        for format in FORMATS.values()
        for name in (*format.signatures, *format.brands, format.label, *format.types)
    )
    names.update(name for kind in TYPES.values() for name in (*kind.extensions, *kind.aliases))
    names.update(RAW_EXTENSIONS)
    assert {name for name, times in names.items() if times > 1} == set()


def test_only_the_decoder_s_process_is_given_decoders() -> None:
    for format in FORMATS.values():
        assert format.isolated or not hasattr(import_module(format.decoder), "register"), format.label


def test_camera_raw_is_skipped_as_such(tmp_path: Path) -> None:
    for extension in RAW_EXTENSIONS:
        (tmp_path / f"a{extension}").touch()
    assert {skipped.reason for skipped in find(tmp_path).skipped} == {RAW}
