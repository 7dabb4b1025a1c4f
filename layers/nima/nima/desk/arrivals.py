"""Pictures that come into a folder, each once it is whole: a copy that is slow is seen many times before it is."""

from __future__ import annotations

import os
import stat
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from nima.desk.cache import Seen
from nima.desk.companions import name_key
from nima.errors import Internal
from nima.image.formats import EXTENSIONS, RAW_EXTENSIONS
from nima.local.files import find, is_folder

SETTLE_SECONDS = 1.0
"""How long a file has to stay as it is to be whole."""

_LOOK_MS = 200
_EMPTY = 10
# After so many in a row there is no use in beginning again.
_FAILURES = 10


@dataclass
class Settling:
    """Files that may still be written.

    Attributes:
        seconds: How long one, and all of its name in its folder, have to stay as they are; one that is empty ten times
            as long, as a copy begins so.
        clock: Seconds that only grow.
    """

    seconds: float = SETTLE_SECONDS
    clock: Callable[[], float] = time.monotonic
    _waiting: dict[Path, tuple[Seen, float]] = field(default_factory=dict)
    _done: dict[Path, Seen] = field(default_factory=dict)

    def known(self, path: Path) -> None:
        """A file has been there from the beginning."""
        seen = _seen(path)
        if seen:
            self._done[path] = seen

    def touched(self, path: Path) -> None:
        """A file is there, or was written into. One that is told of again as it was is passed over."""
        seen = _seen(path)
        if seen and self._done.get(path) != seen and (path not in self._waiting or self._waiting[path][0] != seen):
            self._waiting[path] = (seen, self.clock())

    def whole(self) -> list[Path]:
        """Those that are whole by now, each once; one that is written again comes again."""
        now = self.clock()
        for path, (before, _) in list(self._waiting.items()):
            seen = _seen(path)
            if seen is None:
                del self._waiting[path]
            elif seen != before:
                self._waiting[path] = (seen, now)
        restless = {_shot(path) for path, (_, since) in self._waiting.items() if now - since < self.seconds}
        found = [
            path
            for path, (seen, since) in self._waiting.items()
            if _shot(path) not in restless and now - since >= self.seconds * (1 if seen.size else _EMPTY)
        ]
        for path in found:
            self._done[path], _ = self._waiting.pop(path)
        return found


def arrivals(
    folder: Path,
    there: Iterable[Path] = (),
    *,
    recursive: bool = True,
    settle: float = SETTLE_SECONDS,
    warn: Callable[[str], object] = warnings.warn,
) -> Iterator[list[Path]]:
    """What becomes whole in a folder, for ever; often nothing, several times a second.

    What comes after the first is missed by none.

    Args:
        folder: The folder, without links in its path.
        there: The pictures that it has held before, which come once they are written.
        recursive: Whether the folders in it count.
        settle: For how many seconds a file has to stay as it is.
        warn: Told in a sentence when the folder goes away, which is waited for.

    Raises:
        ModuleNotFoundError: watchfiles is not installed (extra ``watch``).
        Internal: The system does not tell of what changes there.
    """
    settling = Settling(settle)
    for path in there:
        settling.known(path)
    failures = 0
    while failures < _FAILURES:
        failures += 1
        for changed in _changed(folder, recursive=recursive):
            failures = 0
            for path in changed:
                settling.touched(path)
            yield settling.whole()
        if not is_folder(folder):
            warn("The folder is gone; what comes is scored once it is back.")
        while not is_folder(folder):
            failures = 0
            time.sleep(_LOOK_MS / 1000)
            yield settling.whole()
    raise Internal("The folder cannot be watched.")


def _changed(folder: Path, *, recursive: bool) -> Iterator[list[Path]]:
    """What changes in a folder, beginning with all that there is; ends when nothing is told of the folder any more."""
    from watchfiles import Change, watch
    from watchfiles._rust_notify import WatchfilesRustInternalError

    gone = (Change.deleted, str(folder))

    def wanted(change: Change, path: str) -> bool:
        if change == Change.deleted:
            return (change, path) == gone
        return is_picture(Path(path), folder) or _is_shown_folder(Path(path), folder)

    changes = watch(
        folder,
        watch_filter=wanted,
        debounce=_LOOK_MS,
        rust_timeout=_LOOK_MS,
        yield_on_timeout=True,
        recursive=recursive,
        ignore_permission_denied=True,
    )
    with suppress(FileNotFoundError, WatchfilesRustInternalError):  # of a name that is not UTF-8
        begun = folder.stat()
        for number, found in enumerate(changes):
            if gone in found or not os.path.samestat(begun, folder.stat()):
                return
            places = {folder} if number == 0 else {Path(path) for _, path in found}
            yield [path for place in sorted(places) for path in _within(place, folder, recursive=recursive)]


def _within(place: Path, folder: Path, *, recursive: bool) -> Iterable[Path]:
    """The file, or the pictures of what is a folder: of one that was moved here nothing else is told."""
    if not is_folder(place):
        return (place,)
    return find(place, recursive=recursive, raw=True).pictures if recursive or place == folder else ()


def is_picture(path: Path, folder: Path) -> bool:
    """Whether a file of a folder can be a picture by its name, and no part of its path in the folder is hidden."""
    return path.suffix.lower() in EXTENSIONS | RAW_EXTENSIONS and _is_shown(path, folder)


def _is_shown_folder(path: Path, folder: Path) -> bool:
    return is_folder(path) and not path.is_symlink() and _is_shown(path, folder)


def _is_shown(path: Path, folder: Path) -> bool:
    parts = path.relative_to(folder).parts if path.is_relative_to(folder) else path.parts[-1:]
    return not any(part.startswith(".") for part in parts)


def beside(pictures: Iterable[Path], folder: Path) -> Iterator[Path]:
    """The pictures of a folder that may be of one shot with some: those of their names, they included."""
    known: dict[Path, set[tuple[Path, str]]] = defaultdict(set)
    for path in pictures:
        known[path.parent].add(_shot(path))
    for place, shots in known.items():
        with suppress(OSError):  # it is gone, as they are
            yield from sorted(file for file in place.iterdir() if _shot(file) in shots and is_picture(file, folder))


def _shot(path: Path) -> tuple[Path, str]:
    return path.parent, name_key(path.stem)


def _seen(path: Path) -> Seen | None:
    """None where there is no file, nor a link that leads nowhere."""
    try:
        about = path.stat()
    except OSError:
        try:
            return Seen.of(path, path.lstat())
        except OSError:
            return None
    return Seen.of(path, about) if stat.S_ISREG(about.st_mode) else None
