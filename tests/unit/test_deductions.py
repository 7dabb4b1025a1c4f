"""Reasons beside the scores: a defect that grows is never told smaller, and what is no defect is not told."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from nima.assess.deductions import REPORTED_FROM, find_deductions
from nima.assess.measures import MEASURES
from nima.document.assessment import Deduction
from nima.document.defects import DEFECTS
from nima.image.decode import read_picture
from nima.image.limits import Limits
from nima.image.measure import Frame
from nima.image.product import find_product
from nima.words import say
from tests.pictures import array, encode, product, scene


def deductions(data: bytes) -> dict[str, Deduction]:
    picture = read_picture(data, Limits())
    frame = Frame(picture.frame, find_product(np.asarray(picture.frame)))
    return {deduction.code: deduction for deduction in find_deductions(picture, frame)}


def measured(picture: Image.Image) -> Frame:
    return Frame(picture, find_product(np.asarray(picture)))


def from_values(values: NDArray[np.floating]) -> Image.Image:
    return Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))


def blurred(sigma: float) -> bytes:
    return encode(scene().filter(ImageFilter.GaussianBlur(sigma)))


def brightened(gain: float) -> bytes:
    return encode(scene().point(lambda v: v * gain))


def noisy(sigma: float) -> bytes:
    return encode(from_values(array(scene()) + np.random.default_rng(0).normal(0, sigma, (720, 960, 1))))


def flattened(gain: float) -> bytes:
    return encode(scene().point(lambda v: 128 + (v - 128) * gain))


def compressed(quality: int) -> bytes:
    return encode(scene(), "JPEG", quality=quality)


def compressed_then_png(quality: int) -> bytes:
    with Image.open(io.BytesIO(compressed(quality))) as opened:
        return encode(opened)


def small(side: int) -> bytes:
    return encode(scene().resize((side, side * 3 // 4), Image.Resampling.LANCZOS))


def tinted(strength: float) -> bytes:
    """A scene of dull colours under an ever yellower lamp, as a wrong white balance shows it."""
    grey = np.asarray(scene().convert("L"), np.float32)[..., None]
    dull = 128 + (0.2 * array(scene()) + 0.8 * grey - 128) * 0.7
    return encode(from_values(dull * (1 + strength * np.array((0.25, 0, -0.5)))))


def tinted_background(strength: float) -> bytes:
    red, green, blue = (round(255 - strength * k) for k in (0, 12, 50))
    return encode(product(background=(red, green, blue)))


DEGRADATIONS: list[tuple[str, Callable[..., bytes], Sequence[float]]] = [
    ("soft", blurred, (0.8, 1.6, 2.4, 3.2, 4.5)),
    ("overexposure", brightened, (1.2, 1.5, 2, 3, 4)),
    ("underexposure", brightened, (0.6, 0.45, 0.35, 0.2, 0.1)),
    ("noise", noisy, (3, 6, 10, 15, 22)),
    ("low_contrast", flattened, (0.8, 0.6, 0.4, 0.25, 0.12)),
    ("compression", compressed, (92, 60, 30, 15, 5)),
    ("compression", compressed_then_png, (92, 60, 30, 15, 5)),
    ("low_resolution", small, (900, 700, 500, 300, 180)),
    ("color_cast", tinted, (0, 0.3, 0.5, 0.7, 1)),
    ("color_cast", tinted_background, (0, 0.2, 0.4, 0.7, 1)),
]


@pytest.mark.parametrize(
    ("code", "degrade", "steps"), DEGRADATIONS, ids=[f"{code}-{f.__name__}" for code, f, _ in DEGRADATIONS]
)
def test_a_growing_defect_is_never_told_smaller(
    code: str, degrade: Callable[..., bytes], steps: Sequence[float]
) -> None:
    told = [deductions(degrade(step)).get(code) for step in steps]
    severities = [deduction.severity if deduction else 0.0 for deduction in told]
    assert severities == sorted(severities), severities
    assert severities[0] <= 0.2
    assert severities[-1] >= 0.8
    assert len(set(severities)) >= 3, "the steps between should differ"


def test_every_defect_is_told_on_each_of_its_scales() -> None:
    told = [deductions(degrade(steps[-1]))[code] for code, degrade, steps in DEGRADATIONS]
    told += [deductions(encode(blown_product()))["overexposure"]]
    assert {(d.code, d.unit) for d in told} == {
        (code, say("units", scale.unit))
        for code, defect in DEFECTS.items()
        if not defect.learned
        for scale in defect.scales
    }


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("kind", "options"), [("PNG", {}), ("JPEG", {"quality": 88})])
def test_a_clean_scene_has_nothing_to_be_told(seed: int, kind: str, options: dict[str, int]) -> None:
    assert deductions(encode(scene(seed=seed), kind, **options)) == {}


@pytest.mark.parametrize("fill", [0.3, 0.7, 1.0])
def test_a_clean_product_on_white_has_nothing_to_be_told(fill: float) -> None:
    assert deductions(encode(product(fill))) == {}


def test_deductions_are_whole_and_the_worst_comes_first() -> None:
    spoilt = scene().resize((300, 225)).filter(ImageFilter.GaussianBlur(2)).point(lambda v: v * 0.35)
    found = list(deductions(encode(spoilt, "JPEG", quality=15)).values())
    assert len(found) >= 4
    assert [d.severity for d in found] == sorted((d.severity for d in found), reverse=True)
    for deduction in found:
        assert deduction.code in DEFECTS
        assert REPORTED_FROM <= deduction.severity <= 1
        assert deduction.unit
        assert deduction.message.endswith(".")
        assert ". " not in deduction.message, "one sentence"
        assert deduction.message[0].isupper()


# Blur


@pytest.mark.parametrize("sigma", [1.5, 2.0, 3.0, 4.0])
def test_the_width_of_edges_is_the_blurs_sigma(sigma: float) -> None:
    natural = from_values(128 + 60 * natural_noise(768))
    assert measured(natural.filter(ImageFilter.GaussianBlur(sigma))).edge_width == pytest.approx(sigma, rel=0.3)


def natural_noise(side: int) -> NDArray[np.float64]:
    """``[side, side, 3]`` grey of variance 1 whose power falls with the square of the frequency, as in nature."""
    frequency = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.fftfreq(side)[None, :])
    frequency[0, 0] = np.inf
    spectrum = np.fft.fft2(np.random.default_rng(0).normal(size=(side, side))) / frequency
    plane = np.fft.ifft2(spectrum).real
    return np.repeat((plane / plane.std())[..., None], 3, axis=2)


def test_a_blurred_background_is_no_defect() -> None:
    picture = scene().filter(ImageFilter.GaussianBlur(8))
    picture.paste(scene().crop((480, 0, 960, 720)), (480, 0))
    assert "soft" not in deductions(encode(picture))


def test_nothing_but_sky_is_not_called_blurred() -> None:
    ramp = np.linspace(120, 180, 720)[:, None, None] + np.full((1, 960, 3), (-30, 0, 40))
    assert "soft" not in deductions(encode(from_values(ramp)))


# Products


def test_a_white_background_is_not_overexposed_but_a_blown_out_product_is() -> None:
    assert "overexposure" not in deductions(encode(product(0.3)))
    found = deductions(encode(blown_product()))["overexposure"]
    assert found.severity > 0.3
    assert "may be" in found.message, "white goods look so too"


def blown_product() -> Image.Image:
    blown = product(0.7, background=(220, 220, 220))
    mask = Image.new("L", blown.size, 0)
    mask.paste(255, (300, 330, 600, 570))
    blown.paste((255, 255, 255), mask=mask)
    return blown


def test_a_coloured_product_on_white_has_no_colour_cast_but_a_tinted_background_is_one() -> None:
    red = product(tone=(255, 90, 80))
    assert "color_cast" not in deductions(encode(red))
    assert deductions(encode(product(background=(255, 246, 215))))["color_cast"].severity > 0.5


def test_a_blurred_product_is_told_although_its_background_is_even() -> None:
    assert deductions(encode(product().filter(ImageFilter.GaussianBlur(4))))["soft"].severity > 0.5


# Compression


def test_a_large_jpegs_compression_is_told_by_its_tables() -> None:
    large = scene().resize((2400, 1800), Image.Resampling.BICUBIC)
    hard = deductions(encode(large, "JPEG", quality=12))["compression"]
    assert "12 of 100" in hard.message
    assert "compression" not in deductions(encode(large, "JPEG", quality=85))


@pytest.mark.parametrize("quality", [6, 10, 25, 40, 50, 65, 80, 95])
def test_the_quality_of_a_jpeg_is_read_from_its_tables(quality: int) -> None:
    assert read_picture(encode(scene(320, 240), "JPEG", quality=quality), Limits()).jpeg_quality == pytest.approx(
        quality, abs=2
    )


def test_odd_sizes_and_a_single_pixel_are_measured_too() -> None:
    for size in ((1, 1), (1, 500), (7, 3), (33, 31), (961, 17)):
        found = deductions(encode(scene().resize(size)))
        assert "low_resolution" in found or max(size) > 700


@pytest.mark.parametrize(
    ("code", "blur"),
    [("soft", ImageFilter.GaussianBlur(4)), ("motion_blur", ImageFilter.Kernel((5, 5), [0] * 10 + [1] * 5 + [0] * 10))],
)
def test_a_blur_is_as_long_in_a_larger_copy_of_a_picture(code: str, blur: ImageFilter.Filter) -> None:
    large = scene(1280, 960).filter(blur).filter(blur)
    lengths = []
    for side in (1280, 960):
        picture = read_picture(encode(large.resize((side, side * 3 // 4), Image.Resampling.BICUBIC)), Limits())
        lengths.append(next(iter(MEASURES[code](picture, measured(picture.frame)))).measure)
    assert lengths[0] == pytest.approx(lengths[1], rel=0.1)
