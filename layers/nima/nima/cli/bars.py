"""Progress bars of long work."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

T = TypeVar("T")


class Rate(ProgressColumn):
    """How many are done in a second."""

    def render(self, task: Task) -> Text:
        """What is drawn."""
        return Text(f"{task.speed:.1f}/s" if task.speed else "", style="progress.data.speed")


def tracked(items: Iterable[T], what: str, total: int, console: Console) -> Iterator[T]:
    """The items, with a bar that shows how many are done, how fast, and the time left; it goes when they end."""
    columns = (BarColumn(), TaskProgressColumn(), MofNCompleteColumn(), Rate(), TimeRemainingColumn())
    with Progress(TextColumn("{task.description}"), *columns, console=console, transient=True) as bar:
        yield from bar.track(items, total, description=what)


@contextmanager
def steps(console: Console, *columns: ProgressColumn) -> Iterator[Callable[[str, int, int | None], None]]:
    """A bar for each thing that is done; yields the function that moves it: what, how many, of how many if known.

    Nothing is drawn before the first one.

    Args:
        columns: What stands behind the bar; by default how many of how many, and the time.
    """
    columns = columns or (MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    bars = Progress(TextColumn("{task.description}"), BarColumn(), *columns, console=console)
    tasks: dict[str, Any] = {}

    def tick(name: str, done: int, total: int | None) -> None:
        if not tasks:
            bars.start()
        if name not in tasks:
            tasks[name] = bars.add_task(name, total=total)
        bars.update(tasks[name], completed=done, total=total)

    try:
        yield tick
    finally:
        if tasks:
            bars.stop()


def training_bar(tick: Callable[[str, int, int], None], name: str) -> Any:
    """A Keras callback that moves the bar of a stage, of this name."""
    from nima.training import backend

    backend.load()
    import keras

    class Bar(keras.callbacks.Callback):  # type: ignore[misc]
        _epoch = 0

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self._epoch = epoch

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            steps = self.params["steps"]
            tick(name, self._epoch * steps + batch + 1, self.params["epochs"] * steps)

    return Bar()
