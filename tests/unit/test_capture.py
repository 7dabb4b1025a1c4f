"""How a picture was taken, as EXIF says it."""

import io
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import IFDRational

from nima.image.exif import DAMAGED
from nima.shoot.capture import Capture

BASE = ExifTags.Base


def reread(tags: dict[int, object], beside: dict[int, object] | None = None) -> Image.Exif:
    """The EXIF of a JPEG that was written with these tags, and with others in its first directory."""
    exif = Image.Exif()
    exif.update(beside or {})
    exif.get_ifd(ExifTags.IFD.Exif).update(tags)
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "JPEG", exif=exif)
    return Image.open(file).getexif()


def shot(**tags: object) -> Capture:
    return Capture.of(reread({ExifTags.Base[name]: value for name, value in tags.items()}))


def test_what_a_camera_writes_is_read() -> None:
    found = Capture.of(
        reread(
            {
                BASE.DateTimeOriginal: "2026:05:01 10:00:09",
                BASE.SubsecTimeOriginal: "25",
                BASE.OffsetTimeOriginal: "-03:30",
                BASE.ExposureTime: IFDRational(1, 250),
                BASE.FNumber: IFDRational(28, 10),
                BASE.ISOSpeedRatings: 400,
                BASE.ExposureBiasValue: IFDRational(-2, 3),
                BASE.ExposureMode: 2,
                BASE.FocalLength: IFDRational(50, 1),
                BASE.LensModel: "NIMA 50mm f/1.8\0\0",
                BASE.LensSerialNumber: "0042",
                BASE.BodySerialNumber: " 1234 ",
                BASE.CameraOwnerName: "Ann",
                BASE.ImageNumber: 771,
            },
            {BASE.Make: "NIKON CORPORATION", BASE.Model: "NIKON Z 6"},
        )
    )

    assert found.taken == datetime(2026, 5, 1, 10, 0, 9, 250_000)
    assert found.offset == -timedelta(hours=3, minutes=30)
    assert (found.shutter, found.aperture, found.iso, found.auto_bracket) == (0.004, 2.8, 400, True)
    assert found.bias == pytest.approx(-2 / 3)
    assert (found.camera, found.lens, found.serial) == ("NIKON Z 6", "NIMA 50mm f/1.8", "1234")
    assert (found.lens_serial, found.owner) == ("0042", "Ann")
    assert (found.focal_length, found.number) == (50, 771)


def test_exposures_of_the_sunny_sixteen_rule_are_alike() -> None:
    sunny = shot(ExposureTime=IFDRational(1, 100), FNumber=16, ISOSpeedRatings=100)
    equivalent = shot(ExposureTime=IFDRational(1, 200), FNumber=16, ISOSpeedRatings=200)
    assert sunny.stops_over(equivalent) == pytest.approx(0, abs=0.01)
    wide = shot(ExposureTime=IFDRational(1, 3200), FNumber=2.8, ISOSpeedRatings=100)
    assert sunny.stops_over(wide) == pytest.approx(0, abs=0.05)


@pytest.mark.parametrize(
    ("more", "stops"),
    [({"ExposureTime": 0.04}, 2.0), ({"FNumber": 5.6}, 1.0), ({"ISOSpeedRatings": 50}, -1.0)],
    ids=["slower shutter", "wider aperture", "less sensitive"],
)
def test_steps_of_exposure_are_of_shutter_aperture_and_iso(more: dict[str, float], stops: float) -> None:
    usual = {"ExposureTime": 0.01, "FNumber": 8.0, "ISOSpeedRatings": 100}
    assert shot(**usual | more).stops_over(shot(**usual)) == pytest.approx(stops, abs=0.05)


def test_a_lens_without_contacts_still_makes_a_bracket() -> None:
    """Its f-number is 0, or not there, in all frames alike."""
    frames = [shot(ExposureTime=time, FNumber=0, ApertureValue=0, ISOSpeedRatings=100) for time in (0.01, 0.04)]
    assert [frame.aperture for frame in frames] == [None, None]
    assert frames[1].stops_over(frames[0]) == pytest.approx(2)
    assert frames[1].stops_over(shot(ExposureTime=0.01, FNumber=8, ISOSpeedRatings=100)) is None


def test_moments_are_compared_by_utc_where_both_tell_it() -> None:
    at_home = shot(DateTimeOriginal="2026:05:01 10:00:00", OffsetTimeOriginal="+02:00")
    elsewhere = shot(DateTimeOriginal="2026:05:01 09:00:01", OffsetTime="+01:00")
    untold = shot(DateTimeOriginal="2026:05:01 10:00:03")
    assert elsewhere.seconds_after(at_home) == 1
    assert untold.seconds_after(at_home) == 3
    assert shot().seconds_after(at_home) is None


@pytest.mark.parametrize(
    "tags",
    [
        {"DateTimeOriginal": "0000:00:00 00:00:00"},
        {"DateTimeOriginal": "    :  :     :  :  "},
        {"DateTimeOriginal": "2026-05-01"},
        {"OffsetTimeOriginal": "+99:00"},
        {"OffsetTimeOriginal": "   :  "},
        {"ExposureTime": IFDRational(0, 1)},
        {"ExposureTime": IFDRational(1, 0)},
        {"ShutterSpeedValue": 200},
        {"FNumber": IFDRational(0, 0)},
        {"ISOSpeedRatings": 65535},
        {"ISOSpeedRatings": 0},
        {"ExposureBiasValue": IFDRational(100, 1)},
        {"LensModel": "\0\0\0"},
        {"LensModel": "    "},
        {"FocalLength": IFDRational(0, 1)},
    ],
    ids=str,
)
def test_what_cannot_be_says_nothing(tags: dict[str, object]) -> None:
    assert shot(**tags) == Capture()


def test_sensitivities_above_what_fits_stand_elsewhere() -> None:
    assert shot(ISOSpeedRatings=65535, RecommendedExposureIndex=102_400).iso == 102_400
    assert shot(ISOSpeedRatings=(200, 0)).iso == 200


def test_older_files_state_powers_of_two_only() -> None:
    found = shot(ShutterSpeedValue=8, ApertureValue=6)
    assert (found.shutter, found.aperture) == (1 / 256, 8)


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow says so
def test_a_damaged_block_says_what_can_be_read_of_it() -> None:
    whole = reread({BASE.ExposureTime: 0.01}, {BASE.Model: "Camera"}).tobytes()
    for place in range(6, len(whole)):
        exif = Image.Exif()
        with suppress(*DAMAGED):
            exif.load(whole[:place] + b"\xff" * 4 + whole[place + 4 :])
        found = Capture.of(exif)
        assert found.shutter is None or 1e-6 <= found.shutter <= 86_400
    assert Capture.of(Image.Exif()) == Capture()


def test_where_a_raw_file_has_its_moment_in_the_first_directory() -> None:
    assert Capture.of(reread({}, {BASE.DateTimeOriginal: "2026:05:01 10:00:00"})).taken == datetime(2026, 5, 1, 10)


def test_it_survives_being_stored() -> None:
    found = shot(
        DateTimeOriginal="2026:05:01 10:00:09", SubsecTimeOriginal="5", OffsetTime="+02:00", ExposureTime=0.5, FNumber=4
    )
    assert Capture.from_json(found.to_json()) == found
    assert Capture.from_json({**found.to_json(), "of_a_later_release": 1}) == found
    assert Capture.from_json({"taken": "yesterday"}) == Capture()
    assert Capture.from_json({}) == Capture()


def test_two_bodies_of_one_model_are_told_by_their_serial_numbers() -> None:
    one, other, untold = shot(BodySerialNumber="1"), shot(BodySerialNumber="2"), shot()
    assert not one.may_be_of(other)
    assert one.may_be_of(untold)
    assert untold.may_be_of(one)
    assert not shot(CameraOwnerName="Ann").may_be_of(shot(CameraOwnerName="Bob"))
