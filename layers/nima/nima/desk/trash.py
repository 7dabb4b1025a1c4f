"""The system's trash. Freedesktop's says where each of its files came from, so that one can be brought back.

Source: the Trash specification of freedesktop.org, 1.0. macOS and Windows keep that to themselves.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from configparser import ConfigParser
from configparser import Error as NoInfo
from contextlib import suppress
from glob import escape
from pathlib import Path
from urllib.parse import unquote_to_bytes

_INFO = ".trashinfo"


def tells() -> bool:
    """Whether this system's trash tells where its files came from."""
    return sys.platform not in ("darwin", "win32")


def sender() -> Callable[[str], None]:
    """What puts a file into the trash.

    Raises:
        ModuleNotFoundError: The extra "trash" is not installed.
    """
    from send2trash import send2trash

    send: Callable[[str], None] = send2trash
    return send


def thrown_away(path: Path) -> list[Path]:
    """The files in the trash that lay at a path, the latest first."""
    wanted, found = _place(path), []
    for trash, base in _trashes(path):
        # A name that was taken there has a number, of each program in its way, but begins as it did.
        for info in (trash / "info").glob(f"{escape(path.name.partition('.')[0])}*{_INFO}"):
            with suppress(OSError, ValueError, NoInfo, LookupError):
                parser = ConfigParser(interpolation=None, strict=False)
                parser.read_string(info.read_text(encoding="utf-8"))
                said = parser["Trash Info"]
                file = trash / "files" / info.name.removesuffix(_INFO)
                came_from = base / os.fsdecode(unquote_to_bytes(said["Path"]))
                if os.path.lexists(file) and _place(came_from) == wanted:
                    found.append((said.get("DeletionDate", ""), file))
    return [file for _, file in sorted(found, reverse=True)]


def forget(file: Path) -> None:
    """Takes away what the trash says of a file that is in it no more."""
    (file.parents[1] / "info" / f"{file.name}{_INFO}").unlink(missing_ok=True)


def _trashes(path: Path) -> Iterator[tuple[Path, Path]]:
    """The trash folders that a file may be in, each with the folder that its relative paths begin at."""
    from platformdirs import user_data_path

    home = user_data_path()
    volume = Path(os.path.realpath(path.parent))
    while not os.path.ismount(volume):
        volume = volume.parent
    user = os.getuid()
    yield home / "Trash", home
    yield volume / ".Trash" / str(user), volume
    yield volume / f".Trash-{user}", volume


def _place(path: Path) -> str:
    """A path of which no part but the last is a link."""
    return os.path.join(os.path.realpath(path.parent), path.name)  # noqa: PTH118
