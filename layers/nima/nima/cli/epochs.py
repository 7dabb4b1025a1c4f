"""What is told of the epochs of a training, and of how it ended."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping

from rich.console import Console

from nima.training.evaluate.comparison import Estimate
from nima.training.evaluate.held_out import HeldOut
from nima.training.trainer.history import MEASURES, Epoch, History
from nima.training.trainer.plan import Plan


def teller(console: Console, plan: Plan) -> Callable[[History], None]:
    """What prints a line on each epoch as it is over; of a run that goes on, first on the one that it goes on after."""
    told: list[History] = []

    def tell(history: History) -> None:
        going_on = "Going on after " if not told and history.epochs[-1].stage else ""
        told.append(history)
        console.print(going_on + line(history, plan), highlight=False, markup=False, soft_wrap=True)

    return tell


def line(history: History, plan: Plan) -> str:
    """On the newest epoch: which one it is, its losses or what was measured, and the best one so far."""
    newest, best = history.epochs[-1], history.best
    if plan.keep not in MEASURES or not best:
        losses = (f"{name} {newest.figures[name]:.4f}" for name in ("loss", "val_loss") if name in newest.figures)
        return f"{_place(newest, plan)}: {', '.join(losses)}"
    told = [f"loss {newest.figures['loss']:.4f}"] if newest.stage else []
    told.append(f"validation {', '.join(_measured(newest.figures, measure) for measure in MEASURES)}")
    if newest.stage:
        told.append(f"best so far by {plan.keep} {_number(best.figures[f'val_{plan.keep}'])}, {_place(best)}")
    return f"{_place(newest, plan)}: {'; '.join(told)}"


def ending(history: History, plan: Plan, held_out: HeldOut) -> Iterator[str]:
    """What a run has come to: the best epoch, why each stage stopped, and what it is worth on the test pictures."""
    start, best = history.epochs[0], history.best or history.epochs[0]
    measure = f"by the {plan.keep.upper()} of the validation pictures"
    if best == start:
        trained = History(history.measure, history.epochs[1:]).best or start
        yield (
            f"No epoch is better than the start {measure}: {_both(start)} at the start; {_both(trained)} in the best "
            f"one, {_place(trained)}. The start's weights are kept."
        )
    else:
        yield f"Best epoch {measure}: {_place(best)}, {_both(best)}; {_both(start)} at the start."
    stages = ((n, len(history.of(n).epochs), stage.epochs) for n, stage in enumerate(plan.stages, 1))
    yield (
        "; ".join(
            f"stage {number} ended after {epochs} of {most} epochs"
            + (f", the last {plan.patience} without gain" if epochs < most else "")
            for number, epochs, most in stages
        ).capitalize()
        + "."
    )
    yield _worth(held_out)


def _worth(held_out: HeldOut) -> str:
    if not held_out.pictures:
        return "There are no test pictures: nothing is known of pictures that it has not seen."
    if not held_out.difference.defined:
        return f"Held out, on {held_out.pictures} test pictures: too few, or all alike, for an SRCC."
    unclear = "" if held_out.differs else f", no difference that {held_out.pictures} pictures can show"
    return (
        f"Held out, on {held_out.pictures} test pictures: SRCC {_shown(held_out.srcc)}; {held_out.model} "
        f"{_shown(held_out.start)}; difference {_shown(held_out.difference, '+')}{unclear}."
    )


def _place(epoch: Epoch, plan: Plan | None = None) -> str:
    if not epoch.stage:
        return "start"
    most = f" of {plan.stages[epoch.stage - 1].epochs}" if plan else ""
    return f"stage {epoch.stage}, epoch {epoch.epoch}{most}"


def _both(epoch: Epoch) -> str:
    return ", ".join(_measured(epoch.figures, measure) for measure in MEASURES)


def _measured(figures: Mapping[str, float], measure: str) -> str:
    value = figures[f"val_{measure}"]
    if measure != "srcc":
        return f"{measure} {_number(value)}"
    return f"srcc {_shown(Estimate(value, figures['val_srcc_low'], figures['val_srcc_high']))}"


def _shown(figure: Estimate, sign: str = "") -> str:
    if not figure.defined:
        return _number(figure.value)
    return f"{figure.value:{sign}.3f} (95 %: {figure.low:.3f} to {figure.high:.3f})"


def _number(value: float) -> str:
    return "not defined" if math.isnan(value) else f"{value:.3f}"
