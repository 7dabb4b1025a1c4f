"""What photographers take that is easily taken for something else: sequences with the right answer, frame by frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from PIL import Image

from nima.training.defects.light import exposed
from nima.training.defects.optics import disc_blur, motion_blur
from tests.bench.pick.units import held, trimmed
from tests.shoots import focused

_SPAN = 150.0

Part = tuple[str, int] | None
"""The set that a frame is of, by its kind and its number; None where it is of none."""

EITHER: Part = ("either", 0)
"""That of a frame which failed: whether its set has it makes no difference."""


@dataclass(frozen=True)
class Taken:
    """A frame of a sequence: what it shows, when it was taken, of which set it is, and what its file says."""

    picture: Image.Image
    at: float
    part: Part = None
    said: Mapping[str, Any] = field(default_factory=dict)
    name: str | None = None


Rng = np.random.Generator
Make = Callable[[Image.Image, Image.Image, Rng], Iterator[Taken]]
"""Of two photographs; the second is what is taken beside the first."""


def bracketed(
    picture: Image.Image,
    rng: Rng,
    stops: Sequence[float],
    *,
    start: float = 0.0,
    pause: float = 0.4,
    number: int = 0,
    shake: float = 0.005,
    by: str = "shutter",
    **said: Any,
) -> Iterator[Taken]:
    """Exposures of one view."""
    for place, step in enumerate(stops):
        stated = {"shutter": {"shutter": 0.01 * 2.0**step}, "iso": {"iso": 400 * 2.0**step}}[by]
        one = exposed(held(picture, rng, shake=shake), step)
        yield Taken(one, start + pause * place, ("bracket", number), {**stated, **said})


def burst(
    picture: Image.Image, rng: Rng, count: int, start: float = 0.0, pause: float = 0.3, **said: Any
) -> Iterator[Taken]:
    """Frames of one view that are as good."""
    for place in range(count):
        yield Taken(held(picture, rng), start + pause * place, None, said)


def stacked(picture: Image.Image, count: int, start: float = 0.0, pause: float = 1.0, number: int = 0) -> list[Taken]:
    """A focus stack from a stand."""
    frames = focused(trimmed(picture), count)
    return [Taken(one, start + pause * place, ("stack", number)) for place, one in enumerate(frames)]


def turned(
    picture: Image.Image,
    rng: Rng,
    count: int,
    overlap: float,
    *,
    start: float = 0.0,
    drift: float = 0.0,
    upright: bool = False,
    number: int = 0,
) -> list[Taken]:
    """Views that overlap by a share, as a hand turns the camera on, exposed by the camera's own light meter."""
    if upright:
        picture = picture.rotate(90, expand=True)
    view = _SPAN / (1 + (count - 1) * (1 - overlap)) * 0.97
    step = (1 - overlap) * view
    found: list[Taken] = []
    for place in range(count):
        yaw = step * (place - (count - 1) / 2) + float(rng.uniform(-0.03, 0.03)) * view
        one = _looked(picture, yaw, view, float(rng.uniform(-0.02, 0.02)))
        by = float(rng.uniform(-drift, drift))
        if upright:
            one = one.rotate(-90, expand=True)
        said = {"shutter": 0.01 * 2.0**by}
        found.append(Taken(exposed(one, by), start + 1.6 * place, ("panorama", number), said))
    return found


def _looked(picture: Image.Image, yaw: float, view: float, up: float) -> Image.Image:
    """A view into a picture that stands all around, turned by degrees from its middle."""
    width, height = round(picture.width * 0.6), round(picture.height * 0.6)
    focal = width / 2 / np.tan(np.radians(min(view, 110) / 2))
    x, y = np.meshgrid(np.arange(width) - width / 2, np.arange(height) - height / 2)
    around = np.arctan2(x, focal) / np.radians(min(view, 110)) * view
    rows = y / height * 0.85 + up
    columns = np.clip(picture.width * (0.5 + (around + yaw) / _SPAN), 0, picture.width - 1).astype(int)
    lines = np.clip(picture.height * (0.5 + rows), 0, picture.height - 1).astype(int)
    return Image.fromarray(np.asarray(picture)[lines, columns])


def _rows(picture: Image.Image, rng: Rng, columns: int, *, back: bool) -> list[Taken]:
    """Two rows of views that overlap by 40%, the second one taken back or from its own start."""
    share = 1 / (1 + (columns - 1) * 0.6)
    width, height = round(picture.width * share * 0.94), round(picture.height / 1.6 * 0.94)
    found: list[Taken] = []
    for row in range(2):
        places = range(columns)
        for column in reversed(places) if row and back else places:
            left = column * 0.6 * share + float(rng.uniform(0, 0.03)) * share
            top = row * 0.6 / 1.6 + float(rng.uniform(0, 0.02))
            box = (round(left * picture.width), round(top * picture.height))
            one = picture.crop((*box, box[0] + width, box[1] + height))
            found.append(Taken(one, 1.6 * len(found), ("panorama", 0)))
    return found


def _then(*parts: Sequence[Taken], pause: float = 1.5) -> Iterator[Taken]:
    """Parts one after the other."""
    start = 0.0
    for part in parts:
        for one in part:
            yield replace(one, at=start + one.at - part[0].at)
        start += part[-1].at - part[0].at + pause


def _stripped(frames: Iterator[Taken]) -> Iterator[Taken]:
    """The same without EXIF."""
    for one in frames:
        yield replace(one, said={"bare": True})


def _interleaved(*bodies: Sequence[Taken], prefixes: Sequence[str] = ("IMG_1{:03d}", "IMG_5{:03d}")) -> Iterator[Taken]:
    """What two bodies of one model took at once."""
    for frames, prefix in zip(bodies, prefixes, strict=True):
        for number, one in enumerate(frames):
            yield replace(one, name=prefix.format(number))


# Bursts


def shuffled_burst(picture: Image.Image, other: Image.Image, rng: Rng) -> Iterator[Taken]:
    """One frame clean, the others spoilt in light, focus and movement."""
    longest = max(picture.size)
    spoilt = [
        held(picture, rng),
        *(motion_blur(held(picture, rng), by * longest, rng.uniform(0, np.pi)) for by in (0.01, 0.02)),
        *(disc_blur(held(picture, rng), by * longest) for by in (0.002, 0.005)),
        *(exposed(held(picture, rng), by) for by in (-1.5, 1.5)),
        *(held(picture, rng, turned=by) for by in (2, -3.5)),
    ]
    for place, index in enumerate(rng.permutation(len(spoilt))):
        yield Taken(spoilt[index], 0.25 * place)


def flash_burst(picture: Image.Image, other: Image.Image, rng: Rng) -> Iterator[Taken]:
    """The flash does not keep up: frames of one exposure, some of them dark."""
    for place, by in enumerate(rng.permutation([0, 0, -2.5, 0, -1.2, -3, 0, -2])):
        yield Taken(exposed(held(picture, rng), float(by)), 0.4 * place)


def auto_iso_burst(picture: Image.Image, other: Image.Image, rng: Rng) -> Iterator[Taken]:
    """The light changes and the camera follows, a little late."""
    light = np.cumsum(rng.uniform(-0.5, 0.5, 8))
    for place in range(8):
        late = float(light[place] - light[max(place - 1, 0)]) * 0.4
        yield Taken(exposed(held(picture, rng), late), 0.3 * place, None, {"iso": 400 * 2.0 ** -float(light[place])})


def sunset(picture: Image.Image, other: Image.Image, rng: Rng) -> Iterator[Taken]:
    """A series at even intervals from a stand, whose light falls and whose exposure follows in thirds."""
    for place in range(12):
        fallen = -0.15 * place
        set_by = -np.floor(fallen * 3) / 3
        one = exposed(held(picture, rng, shake=0), float(fallen + set_by))
        yield Taken(one, 5.0 * place, None, {"shutter": 0.01 * 2.0 ** float(set_by)})


def interval(picture: Image.Image, other: Image.Image, rng: Rng) -> Iterator[Taken]:
    """The same every three seconds in one light, with something that moves through."""
    walker = trimmed(other).resize((round(picture.width * 0.2), round(picture.height * 0.3)))
    for place in range(10):
        one = trimmed(picture)
        one.paste(walker, (round(one.width * (0.02 + 0.08 * place)), round(one.height * 0.5)))
        yield Taken(one, 3.0 * place)


def refocused_burst(picture: Image.Image, other: Image.Image, rng: Rng) -> Iterator[Taken]:
    """From a stand, the focus hunting to and fro between two distances."""
    near, far = list(focused(trimmed(picture), 2))
    for place, index in enumerate(rng.integers(0, 2, 7)):
        yield Taken((near, far)[int(index)], 0.3 * place)


def reframed(picture: Image.Image, other: Image.Image, rng: Rng) -> Iterator[Taken]:
    """One subject, framed anew each time: left, right, up, down."""
    for place in range(5):
        box = [float(by) for by in rng.uniform(0, 0.3, 2)]
        left, top = round(box[0] * picture.width), round(box[1] * picture.height)
        size = round(picture.width * 0.7), round(picture.height * 0.7)
        yield Taken(picture.crop((left, top, left + size[0], top + size[1])), 2.5 * place)


# Brackets


def _bracket_of(*stops: float, **options: Any) -> Make:
    return lambda picture, other, rng: bracketed(picture, rng, stops, **options)


def failed_bracket(picture: Image.Image, other: Image.Image, rng: Rng) -> Iterator[Taken]:
    """One of five was taken by a hand that slipped, and was taken again."""
    frames = list(bracketed(picture, rng, (0, -1, 1, -2, 2)))
    place = int(rng.integers(1, 5))
    slip = motion_blur(frames[place].picture, 0.08 * picture.width, 0.5)
    again = [*frames[:place], replace(frames[place], picture=slip, part=EITHER), *frames[place:]]
    yield from (replace(one, at=0.8 * n) for n, one in enumerate(again))


def covered_bracket(picture: Image.Image, other: Image.Image, rng: Rng) -> Iterator[Taken]:
    """Something passes right before the lens in one of the five, which is taken again."""
    frames = list(bracketed(picture, rng, (0, -1, 1, -2, 2)))
    place = int(rng.integers(1, 5))
    passer = replace(frames[place], picture=trimmed(other.resize(picture.size)), part=EITHER)
    again = [*frames[:place], passer, *frames[place:]]
    yield from (replace(one, at=0.8 * n) for n, one in enumerate(again))


def brackets_in_a_row(picture: Image.Image, other: Image.Image, rng: Rng) -> Iterator[Taken]:
    """Three of one view."""
    yield from _then(*(list(bracketed(picture, rng, (0, -2, 2), number=n)) for n in range(3)), pause=0.8)


def bracket_and_burst(picture: Image.Image, other: Image.Image, rng: Rng) -> Iterator[Taken]:
    """A burst, a bracket and a burst of one view."""
    middle = list(bracketed(picture, rng, (0, -2, 2)))
    yield from _then(list(burst(picture, rng, 4)), middle, list(burst(picture, rng, 4)), pause=0.8)


def bracketed_panorama(picture: Image.Image, other: Image.Image, rng: Rng) -> Iterator[Taken]:
    """Four views, each in three exposures."""
    for number, one in enumerate(turned(picture, rng, 4, 0.4)):
        for place, by in enumerate((0, -2, 2)):
            shown = exposed(held(one.picture, rng, shake=0.004), by)
            yield Taken(shown, 4.0 * number + 0.4 * place, ("bracket", number), {"shutter": 0.01 * 2.0**by})


def bracketed_stack(picture: Image.Image, other: Image.Image, rng: Rng) -> Iterator[Taken]:
    """Five distances, each in three exposures."""
    for number, one in enumerate(stacked(picture, 5)):
        for place, by in enumerate((0, -1.3, 1.3)):
            at = 4.0 * number + 0.4 * place
            yield Taken(exposed(one.picture, by), at, ("bracket", number), {"shutter": 0.01 * 2.0**by})


def night_bracket(picture: Image.Image, other: Image.Image, rng: Rng) -> Iterator[Taken]:
    """Long exposures with as long a dark frame after each."""
    at = 0.0
    for place, by in enumerate((0, -2, 2)):
        shutter = 4 * 2.0**by
        yield Taken(exposed(held(picture, rng, shake=0), by), at, ("bracket", 0), {"shutter": shutter})
        at += 2 * shutter + 0.5 + 0.1 * place


# Focus stacks


def shuffled_stack(picture: Image.Image, other: Image.Image, rng: Rng) -> Iterator[Taken]:
    """The ring was turned to and fro."""
    frames = stacked(picture, 6)
    yield from (replace(frames[index], at=1.5 * place) for place, index in enumerate(rng.permutation(len(frames))))


def doubled_stack(picture: Image.Image, other: Image.Image, rng: Rng) -> Iterator[Taken]:
    """One frame was taken twice."""
    frames = stacked(picture, 6)
    twice = int(rng.integers(1, 5))
    yield from (replace(one, at=1.5 * n) for n, one in enumerate([*frames[: twice + 1], *frames[twice:]]))


def breathing_stack(picture: Image.Image, other: Image.Image, rng: Rng) -> Iterator[Taken]:
    """The angle of view follows the focus."""
    for place, one in enumerate(stacked(picture, 7)):
        rim = 0.03 * place / 6
        box = (rim * one.picture.width, rim * one.picture.height)
        size = one.picture.size
        yield replace(one, picture=one.picture.resize(size, box=(*box, size[0] - box[0], size[1] - box[1])))


def stack_and_burst(picture: Image.Image, other: Image.Image, rng: Rng) -> Iterator[Taken]:
    """A stack between two shots of the same, as the eye saw it."""
    before, after = ([Taken(trimmed(picture), 0.0)] for _ in range(2))
    yield from _then(before, stacked(picture, 6), after, pause=2.5)


# Panoramas


def _panorama_of(count: int, overlap: float, **options: Any) -> Make:
    return lambda picture, other, rng: iter(turned(picture, rng, count, overlap, **options))


def doubled_panorama(picture: Image.Image, other: Image.Image, rng: Rng) -> Iterator[Taken]:
    """One view was taken twice."""
    frames = turned(picture, rng, 4, 0.4)
    twice = int(rng.integers(1, 3))
    again = replace(frames[twice], picture=held(frames[twice].picture, rng, shake=0.01))
    frames = [replace(one, picture=trimmed(one.picture)) for one in frames]
    yield from (replace(one, at=1.6 * n) for n, one in enumerate([*frames[: twice + 1], again, *frames[twice + 1 :]]))


def panorama_and_shots(picture: Image.Image, other: Image.Image, rng: Rng) -> Iterator[Taken]:
    """A wide view of the scene and a detail before the panorama, and a burst of something else after it."""
    wide = [Taken(held(picture, rng), 0.0, None, {"focal_length": 24.0})]
    detail = picture.crop((0, 0, round(picture.width * 0.4), round(picture.height * 0.5)))
    yield from _then(wide, [Taken(detail, 0.0)], turned(picture, rng, 4, 0.4), list(burst(other, rng, 3)))


def panoramas_in_a_row(picture: Image.Image, other: Image.Image, rng: Rng) -> Iterator[Taken]:
    """There, and back again."""
    there = turned(picture, rng, 4, 0.4)
    back = [
        replace(one, at=1.6 * n, part=("panorama", 1)) for n, one in enumerate(reversed(turned(picture, rng, 4, 0.4)))
    ]
    yield from _then(there, back)


# Two bodies of one model, whose files state no serial number


def two_brackets(picture: Image.Image, other: Image.Image, rng: Rng) -> Iterator[Taken]:
    """Both bracket."""
    one = list(bracketed(picture, rng, (0, -2, 2), pause=2.0))
    two = list(bracketed(other, rng, (0, -1, 1), pause=2.0, start=1.0, number=1))
    yield from _interleaved(one, two)


def bracket_beside_burst(picture: Image.Image, other: Image.Image, rng: Rng) -> Iterator[Taken]:
    """One brackets while the other takes a burst."""
    yield from _interleaved(list(bracketed(picture, rng, (0, -2, 2), pause=1.0)), list(burst(other, rng, 8, -0.1)))


def panorama_beside_burst(picture: Image.Image, other: Image.Image, rng: Rng) -> Iterator[Taken]:
    """One turns while the other takes a burst."""
    yield from _interleaved(turned(picture, rng, 4, 0.4), list(burst(other, rng, 10, -0.1, 0.7)))


def stack_beside_singles(picture: Image.Image, other: Image.Image, rng: Rng) -> Iterator[Taken]:
    """One focuses through a still life while the other takes something else."""
    yield from _interleaved(stacked(picture, 6, pause=2.5), list(burst(other, rng, 4, 1.0, 4.0)))


def same_view_brackets(picture: Image.Image, other: Image.Image, rng: Rng) -> Iterator[Taken]:
    """Both bracket the same view, from one place."""
    one = list(bracketed(picture, rng, (0, -2, 2), pause=2.0))
    two = list(bracketed(picture, rng, (0, -2, 2), pause=2.0, start=1.0, number=1))
    yield from _interleaved(one, two)


def same_view_bracket_and_burst(picture: Image.Image, other: Image.Image, rng: Rng) -> Iterator[Taken]:
    """One brackets what the other takes a burst of."""
    one, two = list(bracketed(picture, rng, (0, -2, 2), pause=1.0)), list(burst(picture, rng, 8, -0.1))
    yield from _interleaved(one, two, prefixes=("ANN{:04d}", "BOB{:04d}"))


CASES: Mapping[str, Make] = {
    "burst, shuffled faults": shuffled_burst,
    "burst, flash": flash_burst,
    "burst, auto ISO": auto_iso_burst,
    "series, sunset": sunset,
    "series, walker": interval,
    "burst, focus hunts": refocused_burst,
    "shots, reframed": reframed,
    "bracket -0+": _bracket_of(-2, 0, 2),
    "bracket 0+-": _bracket_of(0, 1, -1),
    "bracket of 7": _bracket_of(0, -1, 1, -2, 2, -3, 3),
    "bracket by ISO": _bracket_of(0, -1, 1, by="iso"),
    "bracket, mirror up": _bracket_of(0, -2, 2, pause=2.3),
    "bracket of 2": _bracket_of(-1, 1),
    "bracket of 2, said": _bracket_of(0, 0.67, pause=2.3, auto_bracket=True),
    "bracket by hand": _bracket_of(0, -1, 1, pause=5.0, shake=0.03),
    "bracket, slipped": failed_bracket,
    "bracket, covered": covered_bracket,
    "brackets in a row": brackets_in_a_row,
    "bracket in bursts": bracket_and_burst,
    "brackets, panorama": bracketed_panorama,
    "brackets, stack": bracketed_stack,
    "bracket, night": night_bracket,
    "stack, shuffled": shuffled_stack,
    "stack, doubled": doubled_stack,
    "stack, breathing": breathing_stack,
    "stack in shots": stack_and_burst,
    "panorama, 20%": _panorama_of(3, 0.2),
    "panorama, 30%": _panorama_of(4, 0.3),
    "panorama, 50%": _panorama_of(5, 0.5),
    "panorama, upright": _panorama_of(4, 0.4, upright=True),
    "panorama, drift": _panorama_of(4, 0.4, drift=0.6),
    "panorama, doubled": doubled_panorama,
    "panorama in shots": panorama_and_shots,
    "panoramas in a row": panoramas_in_a_row,
    "rows of 3, back": lambda picture, other, rng: iter(_rows(picture, rng, 3, back=True)),
    "rows of 3": lambda picture, other, rng: iter(_rows(picture, rng, 3, back=False)),
    "rows of 2": lambda picture, other, rng: iter(_rows(picture, rng, 2, back=True)),
    "bodies: brackets": two_brackets,
    "bodies: bracket, burst": bracket_beside_burst,
    "bodies: panorama, burst": panorama_beside_burst,
    "bodies: stack, shots": stack_beside_singles,
    "bodies: same brackets": same_view_brackets,
    "bodies: same, burst": same_view_bracket_and_burst,
}

BARE: Mapping[str, Make] = {
    f"{name}, no EXIF": lambda picture, other, rng, make=make: _stripped(make(picture, other, rng))  # type: ignore[misc]
    for name, make in {
        "burst": lambda picture, other, rng: burst(picture, rng, 9),
        "burst, shuffled faults": shuffled_burst,
        "burst, flash": flash_burst,
        "burst, auto ISO": auto_iso_burst,
        "shots, reframed": reframed,
        "bracket 0-+": _bracket_of(0, -2, 2),
        "bracket -0+": _bracket_of(-1, 0, 1),
        "bracket of 5": _bracket_of(0, -1, 1, -2, 2),
        "bracket, third": _bracket_of(-0.67, 0, 0.67),
        "bracket by hand": _bracket_of(0, -1, 1, pause=5.0, shake=0.03),
        "brackets in a row": brackets_in_a_row,
        "bracket in bursts": bracket_and_burst,
        "stack": lambda picture, other, rng: iter(stacked(picture, 6)),
        "panorama, 40%": _panorama_of(4, 0.4),
        "panorama, drift": _panorama_of(4, 0.4, drift=0.6),
        "brackets, panorama": bracketed_panorama,
    }.items()
}
