"""Measures how the page of ``nima report`` opens, sorts and filters in Chromium, with the network off.

Each is timed from the click until the second frame after it is drawn, with layout, paint and decoding of thumbnails;
beside it stands the processor time of the page's own thread, which hardly depends on what else the machine does. Exit
code 1 if a goal is missed.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import click
from playwright.sync_api import Page, sync_playwright
from rich.console import Console
from rich.table import Table

from tests.bench.scan import ROOT, make_shoot, sources
from tests.chromium import launched
from tests.shoot_pages import made_of

GOAL_MS, _JUDGED = 200, 1000
"""How long it may take, and of how many pictures."""

ACT = """async ([choice, kind, value]) => {
  const frame = () => new Promise(requestAnimationFrame);
  const element = document.querySelector(choice);
  await frame();
  const begun = performance.now();
  if (kind === 'click') element.click();
  else { element.value = value; element.dispatchEvent(new Event(kind)); }
  await frame();
  await frame();
  return performance.now() - begun;
}"""

Act = tuple[str, str, str]
"""What is acted on (CSS), by which event, and the value that it has then."""

_SHOOT = ROOT / ".cache" / "bench-report" / "shoot"
_PHOTOGRAPHS = 100
_REST_MS = 100


def acts(page: Page) -> Iterator[tuple[str, Act]]:
    """All that can be sorted and filtered by, with what it is called."""
    for name in page.eval_on_selector_all("[data-sort]", "all => all.map((one) => one.dataset.sort)"):
        for way in ("", ", turned"):
            yield f"sort by {name}{way}", (f"[data-sort={name}]", "click", "")
    for name in page.eval_on_selector_all("[data-choice]", "all => all.map((one) => one.dataset.choice)"):
        yield f"show {name}", (f"[data-choice={name}]", "click", "")
    yield "show table", ("[data-choice=table]", "click", "")
    yield "show all", ("[data-choice=all]", "click", "")
    for name in page.eval_on_selector_all("select", "all => all.map((one) => one.id)"):
        for value in page.eval_on_selector_all(f"#{name} option", "all => all.map((one) => one.value)")[1:4]:
            yield f"filter by {name} {value}", (f"#{name}", "change", value)
        yield f"filter by any {name}", (f"#{name}", "change", "")
    for text in ("0", "00", "soft", ""):
        yield f"search for “{text}”", ("#text", "input", text)


def opened(browser: Any, path: Path) -> tuple[Page, float]:
    """A page, and in how many seconds its first pictures are there."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}, offline=True).new_page()
    begun = time.perf_counter()
    page.goto(path.as_uri(), wait_until="commit")
    page.wait_for_selector("tbody tr")
    return page, time.perf_counter() - begun


@dataclass
class Times:
    """The milliseconds that something takes, and those of the processor, turn by turn."""

    whole: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)

    def cells(self) -> tuple[str, ...]:
        return tuple(f"{one:.0f} ms" for one in (median(self.whole), max(self.whole), median(self.busy)))


def measured(page: Page, turns: int) -> dict[str, Times]:
    """What each takes."""
    found: dict[str, Times] = {}
    page.wait_for_load_state("load")
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def busy() -> float:
        metrics = session.send("Performance.getMetrics")["metrics"]
        return 1000 * next(float(one["value"]) for one in metrics if one["name"] == "TaskDuration")

    for _ in range(turns):
        for name, act in acts(page):
            times, before = found.setdefault(name, Times()), busy()
            times.whole.append(page.evaluate(ACT, list(act)))
            times.busy.append(busy() - before)
            page.wait_for_timeout(_REST_MS)
    return found


def page_of_photographs(folder: Path) -> Path:
    """A page of photographs: those of NIMA_SHARED_DATA, or those that come with scikit-image."""
    if not _SHOOT.is_dir():
        from nima.local.pictures import default_pictures

        make_shoot(_SHOOT, _PHOTOGRAPHS, sources() or list(default_pictures().files.values()), Console())
    target = folder / "photographs.html"
    command = [sys.executable, "-m", "nima.cli", "report", str(_SHOOT), "--html", str(target)]
    subprocess.run(command, cwd=ROOT, check=True)
    return target


@click.command()
@click.option("--pictures", "counts", multiple=True, type=click.IntRange(1), default=(1000, 3000), show_default=True)
@click.option("--turns", type=click.IntRange(1), default=5, show_default=True)
def main(*, counts: tuple[int, ...], turns: int) -> None:
    """Measure the page of a shoot."""
    missed = False
    table = Table("pictures", "", "median", "slowest", "processor", "goal", "")
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        browser = launched(playwright)
        if browser is None:
            raise click.ClickException("There is no Chromium.")
        photographs = page_of_photographs(Path(name))
        for count in counts:
            path = made_of(photographs, count, Path(name, f"{count}.html"))
            page, seconds = opened(browser, path)
            size = path.stat().st_size / 1e6
            table.add_row(f"{count}", f"open {size:.0f} MB", f"{1000 * seconds:.0f} ms")
            found = measured(page, turns)
            for act, times in found.items():
                table.add_row(f"{count}", act, *times.cells())
            every = Times(
                *([one for times in found.values() for one in getattr(times, of)] for of in ("whole", "busy"))
            )
            table.add_row(f"{count}", "all of these", *every.cells())
            slow = max(median(times.whole) for times in found.values())
            met = slow <= GOAL_MS
            goal = (f"≤ {GOAL_MS} ms", "met" if met else "missed") if count == _JUDGED else ()
            missed |= count == _JUDGED and not met
            table.add_row(f"{count}", "what takes longest", f"{slow:.0f} ms", "", "", *goal, end_section=True)
            page.context.close()
    Console().print(table)
    raise SystemExit(missed)


if __name__ == "__main__":
    main()
