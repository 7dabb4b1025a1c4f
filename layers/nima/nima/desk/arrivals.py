"""Pictures that come into a folder, each once it is whole: a copy that is slow is seen many times before it is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from nima.desk.cache import Seen
from nima.image.formats import EXTENSIONS, RAW_EXTENSIONS

SETTLE_SECONDS = 1.0
"""How long a file has to stay as it is to be whole."""

_LOOK_MS = 200


@dataclass
class Settling:
    """Files that may still be written.

    Attributes:
        seconds: How long one has to stay as it is.
        clock: Seconds that only grow.
    """

    seconds: float = SETTLE_SECONDS
    clock: Callable[[], float] = time.monotonic
    _waiting: dict[Path, tuple[Seen, float]] = field(default_factory=dict)
    _done: dict[Path, Seen] = field(default_factory=dict)

    def touched(self, path: Path) -> None:
        """A file is there, or was written into. One that is told of again as it was is passed over."""
        seen = _seen(path)
        if seen and self._done.get(path) != seen:
            self._waiting[path] = (seen, self.clock())

    def whole(self) -> list[Path]:
        """Those that are whole by now, each once; one that is written again comes again."""
        found, now = [], self.clock()
        for path, (before, since) in list(self._waiting.items()):
            seen = _seen(path)
            if seen is None:
                del self._waiting[path]
            elif seen != before:
                self._waiting[path] = (seen, now)
            elif now - since >= self.seconds and seen.size:
                del self._waiting[path]
                self._done[path] = seen
                found.append(path)
        return found


def arrivals(folder: Path, *, recursive: bool = True, settle: float = SETTLE_SECONDS) -> Iterator[list[Path]]:
    """What becomes whole in a folder from now on, for ever; often nothing, several times a second.

    Args:
        folder: The folder.
        recursive: Whether the folders in it count.
        settle: For how many seconds a file has to stay as it is.

    Raises:
        ModuleNotFoundError: watchfiles is not installed (extra ``watch``).
    """
    from watchfiles import Change, watch

    settling = Settling(settle)
    for changes in watch(
        folder,
        watch_filter=lambda change, path: change != Change.deleted and is_picture(Path(path), folder),
        debounce=_LOOK_MS,
        rust_timeout=_LOOK_MS,
        yield_on_timeout=True,
        recursive=recursive,
        ignore_permission_denied=True,
    ):
        for path in sorted({Path(path) for _, path in changes}):
            settling.touched(path)
        yield settling.whole()


def is_picture(path: Path, folder: Path) -> bool:
    """Whether a file of a folder can be a picture by its name, and no part of its path in the folder is hidden."""
    parts = path.relative_to(folder).parts if path.is_relative_to(folder) else path.parts[-1:]
    return path.suffix.lower() in EXTENSIONS | RAW_EXTENSIONS and not any(part.startswith(".") for part in parts)


def beside(path: Path) -> Iterable[Path]:
    """The files that may be of one shot with a picture: those of its name in its folder, it included."""
    try:
        return [file for file in path.parent.iterdir() if file.stem.casefold() == path.stem.casefold()]
    except OSError:
        return [path]


def _seen(path: Path) -> Seen | None:
    try:
        return Seen.of(path, path.stat())
    except OSError:
        return None
