"""Decoders that a hostile file can crash or stall have a process of their own: it may die, the caller may not."""

from __future__ import annotations

import fcntl
import os
import resource
import signal
import subprocess
import sys
import termios
import threading
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import nima
from nima.errors import Internal, TooManyPixels, UndecodableImage, UnsupportedFormat
from nima.image.decode import read_picture
from nima.image.isolated import Decoder
from nima.image.limits import Limits
from tests.pictures import difference, encode, heic, heic_whose_item_type_is_no_text, scene
from tests.waiting import PATIENCE, state, until, until_gone

LIMITS = Limits()
SMALL = scene(320, 240)
AVIF = encode(SMALL, "AVIF", quality=90)
PACKAGE = Path(nima.__file__).parent


@pytest.fixture
def decoder() -> Iterator[Decoder]:
    made = Decoder()
    yield made
    made.close()


def processor_time(pid: int) -> float:
    """Seconds that a process has used."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def run(script: str, *arguments: str, **options: Any) -> str:
    """The output of a script in another process, which must succeed."""
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        **options,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return str(done.stdout)


def gif_of_tiny_blocks(size: int) -> bytes:
    """An extension in blocks of one byte, of which Pillow reads a few million in a second."""
    file = encode(SMALL.quantize(16), "GIF")
    start = file.index(b"\x2c", 13 + 3 * 16)
    return file[:start] + b"!\x01" + b"\1c" * (size // 2) + b"\0" + file[start:]


# What dies, stalls or waits


def test_a_heic_that_kills_its_decoder_is_refused_and_the_next_one_is_read() -> None:
    hostile, sound = heic_whose_item_type_is_no_text(), bytes(heic())
    for _ in range(2):
        with pytest.raises(UndecodableImage) as refused:
            read_picture(hostile, LIMITS)
        assert "SIGSEGV" in str(refused.value.detail)
        assert difference(read_picture(sound, LIMITS).frame, SMALL) < 5


def test_a_child_that_was_killed_is_replaced(decoder: Decoder) -> None:
    decoder.read(AVIF, LIMITS)
    first = decoder.pid
    assert first
    os.kill(first, signal.SIGKILL)
    until_gone([first])
    assert difference(decoder.read(AVIF, LIMITS).frame, SMALL) < 5
    assert decoder.pid not in {None, first}


def while_it_reads(decoder: Decoder, *signals: signal.Signals) -> None:
    """Sends signals to a child once it has been given its next picture, over which it has stopped."""
    pid = stopped(decoder)

    def send() -> None:
        until(lambda: given(pid))
        for name in signals:
            os.kill(pid, name)

    threading.Thread(target=send, daemon=True).start()


def stopped(decoder: Decoder) -> int:
    """The process id of the child, which takes nothing from now on."""
    assert decoder.pid
    os.kill(decoder.pid, signal.SIGSTOP)
    until(lambda: state(decoder.pid or 0) == "T")
    return decoder.pid


def given(pid: int) -> bool:
    """Whether a process has something to read that it has not read."""
    with Path(f"/proc/{pid}/fd/0").open("rb", buffering=0) as pipe:
        return any(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)))


def test_a_picture_over_which_the_child_is_killed_is_refused_and_the_next_one_is_read(decoder: Decoder) -> None:
    decoder.read(AVIF, LIMITS)
    while_it_reads(decoder, signal.SIGKILL)
    with pytest.raises(UndecodableImage, match="had to be stopped"):
        decoder.read(AVIF, LIMITS)
    assert decoder.pid is None
    assert difference(decoder.read(AVIF, LIMITS).frame, SMALL) < 5


def test_a_crash_that_an_earlier_picture_may_have_caused_is_not_blamed_on_the_next(decoder: Decoder) -> None:
    decoder.read(AVIF, LIMITS)
    first = decoder.pid
    while_it_reads(decoder, signal.SIGSEGV, signal.SIGCONT)
    assert difference(decoder.read(AVIF, LIMITS).frame, SMALL) < 5
    assert decoder.pid not in {None, first}


def test_a_child_that_waits_for_ever_is_stopped_at_the_deadline() -> None:
    decoder = Decoder()
    decoder.read(AVIF, LIMITS)
    pid = stopped(decoder)
    patience, decoder.deadline = decoder.deadline, 0.3
    started = time.monotonic()
    with pytest.raises(UndecodableImage):
        decoder.read(AVIF, LIMITS)
    assert 0.3 <= time.monotonic() - started < patience
    decoder.deadline = patience
    until_gone([pid])
    assert decoder.read(AVIF, LIMITS).width == 320
    decoder.close()


def test_the_kernel_ends_a_child_that_uses_more_processor_time_than_was_given() -> None:
    script = "from nima.image import child\nchild._SECONDS = 0\nchild.EnforcedLimits().give(0, 0)\nwhile True: pass"
    done = subprocess.run([sys.executable, "-c", script], check=False, timeout=PATIENCE)
    assert done.returncode == -signal.SIGXCPU


def test_a_small_file_that_would_take_much_more_memory_is_refused(decoder: Decoder) -> None:
    # Pillow puts a comment's blocks together with eighty bytes for each of them.
    data = gif_of_tiny_blocks(5 << 20).replace(b"!\x01", b"!\xfe")
    with pytest.raises(TooManyPixels, match="memory"):
        decoder.read(data, LIMITS)
    assert decoder.read(AVIF, LIMITS).width == 320


def test_time_is_counted_for_each_picture_and_not_for_all_of_them(decoder: Decoder) -> None:
    decoder.read(AVIF, LIMITS)
    assert decoder.pid
    given = resource.prlimit(decoder.pid, resource.RLIMIT_CPU)[0]
    slow = gif_of_tiny_blocks(3 << 20)
    while processor_time(decoder.pid) < 1:
        decoder.read(slow, LIMITS)
    decoder.read(AVIF, LIMITS)
    assert given < resource.prlimit(decoder.pid, resource.RLIMIT_CPU)[0] < processor_time(decoder.pid) + 3


# What it answers


def test_errors_keep_their_code_and_words_and_the_child_lives_on(decoder: Decoder) -> None:
    decoder.read(AVIF, LIMITS)
    pid = decoder.pid
    for data, limits, error, words in (
        (AVIF[: len(AVIF) // 2], LIMITS, UndecodableImage, "truncated"),
        (AVIF, Limits(max_pixels=1000), TooManyPixels, "320 x 240"),
        (encode(SMALL.convert("F"), "TIFF"), LIMITS, UnsupportedFormat, "floating"),
    ):
        with pytest.raises(error, match=words):
            decoder.read(data, limits)
    assert decoder.pid == pid


def test_every_fact_of_a_picture_comes_through(decoder: Decoder) -> None:
    panorama = SMALL.resize((2400, 300))
    picture = decoder.read(encode(panorama, "TIFF"), LIMITS)
    assert (picture.format, picture.width, picture.height, picture.cropped) == ("TIFF", 2400, 300, True)
    assert (picture.native, picture.color_space, picture.jpeg_quality) == (True, "sRGB", None)
    assert difference(picture.frame, panorama.crop((900, 0, 1500, 300))) == 0


def test_threads_that_ask_at_once_get_their_own_pictures(decoder: Decoder) -> None:
    colours = [(20 * i, 250 - 20 * i, 90) for i in range(12)]
    files = [encode(Image.new("RGB", (64 + i, 64), c), "TIFF") for i, c in enumerate(colours)]
    with ThreadPoolExecutor(6) as pool:
        pictures = list(pool.map(lambda data: decoder.read(data, LIMITS), files))
    assert [(p.width, p.frame.getpixel((0, 0))) for p in pictures] == [(64 + i, c) for i, c in enumerate(colours)]


# How it lives


SCRIPT = """
import os, sys
from pathlib import Path
from nima.image.decode import read_picture
from nima.image.limits import Limits
def children():
    # Those that the main thread has started; another thread may end while its own are asked for.
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
def read(name):
    return read_picture(Path(name).read_bytes(), Limits())
"""


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    kinds = ("JPEG", "PNG", "WEBP", "AVIF")
    for kind in kinds:
        (tmp_path / kind).write_bytes(encode(SMALL, kind))
    return {kind: str(tmp_path / kind) for kind in kinds}


def test_jpeg_png_and_webp_start_no_child_and_import_nothing_for_one(files: dict[str, str]) -> None:
    script = SCRIPT + (
        "for name in sys.argv[1:]: read(name)\n"
        "print(children(), sorted({'nima.image.isolated', 'pi_heif'} & set(sys.modules)))"
    )
    assert run(script, files["JPEG"], files["PNG"], files["WEBP"]) == "[] []\n"
    assert run(script, files["AVIF"]) != "[] []\n"


@pytest.mark.parametrize("end", ["sys.exit()", "os.kill(os.getpid(), 9)"])
def test_the_child_ends_with_its_parent(files: dict[str, str], end: str) -> None:
    script = SCRIPT + f"read(sys.argv[1])\nprint(*children(), flush=True)\n{end}"
    done = subprocess.run(
        [sys.executable, "-c", script, files["AVIF"]], capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.stderr == ""
    (child,) = done.stdout.split()
    until_gone([int(child)])


def test_a_child_that_decodes_when_its_parent_dies_ends_soon(files: dict[str, str], tmp_path: Path) -> None:
    slow = tmp_path / "slow.gif"
    slow.write_bytes(gif_of_tiny_blocks(4 << 20))
    script = SCRIPT + (
        "import threading, time\n"
        "read(sys.argv[1])\n"
        "threading.Thread(target=read, args=sys.argv[2:], daemon=True).start()\n"
        "time.sleep(0.3)\nprint(*children(), flush=True)\nos.kill(os.getpid(), 9)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, files["AVIF"], str(slow)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    until_gone([int(done.stdout)])


def test_the_child_sees_no_credentials(decoder: Decoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    decoder.read(AVIF, LIMITS)
    environment = Path(f"/proc/{decoder.pid}/environ").read_bytes()
    assert b"OPENBLAS" in environment
    assert b"secret" not in environment


def test_a_fork_of_the_parent_has_a_child_of_its_own(files: dict[str, str]) -> None:
    script = SCRIPT + (
        "read(sys.argv[1])\n"
        "pid = os.fork()\n"
        "assert read(sys.argv[1]).width == 320\n"
        "print(len(children()), flush=True)\n"
        "if pid: os.waitpid(pid, 0)\n"
        "else: os._exit(0)"
    )
    # The parent has its decoder and the fork, the fork its own decoder.
    assert sorted(run(script, files["AVIF"]).split()) == ["1", "2"]


@pytest.mark.parametrize("layout", ["zip", "relative"])
def test_the_child_finds_the_package_where_its_parent_did(files: dict[str, str], tmp_path: Path, layout: str) -> None:
    if layout == "zip":
        place = tmp_path / "layer.zip"
        with zipfile.ZipFile(place, "w") as archive:
            for module in PACKAGE.rglob("*.py"):
                archive.write(module, module.relative_to(PACKAGE.parent))
    else:
        place = tmp_path / "task folder:with a colon"
        place.mkdir()
        (place / "nima").symlink_to(PACKAGE)
    entry = place.name if layout == "relative" else str(place)
    script = f"import sys; sys.path.insert(0, {entry!r})\n{SCRIPT}print(read(sys.argv[1]).format)"
    assert run(script, files["AVIF"], cwd=tmp_path, env={"PATH": ""}) == "AVIF\n"


@pytest.mark.parametrize("executable", ["/bin/false", "/nowhere/python"])
def test_a_decoder_that_cannot_start_is_no_fault_of_the_picture(
    decoder: Decoder, monkeypatch: pytest.MonkeyPatch, executable: str
) -> None:
    monkeypatch.setattr(sys, "executable", executable)
    with pytest.raises(Internal):
        decoder.read(AVIF, LIMITS)
    monkeypatch.undo()
    assert decoder.read(AVIF, LIMITS).width == 320
