"""How the pictures of this machine are judged, and judging one file."""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from nima.assess.assessor import Assessor
from nima.desk.metadata import exif_of
from nima.document.assessment import Assessment
from nima.document.composite import DEFAULT_STYLE, Weights
from nima.document.policy import MAIN_IMAGE, POLICIES
from nima.document.read import FAILURES, read
from nima.document.result import Rejection
from nima.document.upgrade import COMPLETIONS
from nima.errors import ModelUnavailable, NimaError, PermanentError
from nima.image.limits import MEBIBYTE, PILLOW_MAX_PIXELS, Limits
from nima.local.files import read_file
from nima.model.litert import LazyModel
from nima.model.manifest import Manifest
from nima.model.prepare import PREPROCESSING
from nima.shoot.capture import Capture

LIMITS = Limits(max_bytes=512 * MEBIBYTE, max_pixels=PILLOW_MAX_PIXELS)
"""What one's own computer takes on: files of the largest cameras."""

_ROOMS = ("assess", "document", "image", "model")
_DIGEST_BYTES = 16


@dataclass(frozen=True)
class Judging:
    """How pictures are judged.

    Attributes:
        model: The model's folder.
        style: How the composite weighs both means.
        weights: Weights of one's own instead.
        policy: The name of the rules that pictures are judged by.
        raw: What of camera RAW is judged, as ``nima.image.raw.develop.Reading`` has it.
        maps, advice, crops: Whether these are made as well.
    """

    model: Path
    style: str = DEFAULT_STYLE
    weights: Weights | None = None
    policy: str = MAIN_IMAGE
    raw: str = "preview"
    maps: bool = False
    advice: bool = False
    crops: bool = False

    @property
    def kept(self) -> bool:
        """Whether its answers are remembered: those that were made on request are not."""
        return not (self.maps or self.advice or self.crops)

    def name(self) -> str:
        """What tells its answers, but for style, weights and policy, from those of another judging.

        Raises:
            ModelUnavailable: There is no such model.
        """
        manifest = Manifest.read(self.model)
        return " ".join((manifest.id, manifest.version, PREPROCESSING, self.raw, _developer(), _code()))

    def assessor(self, threads: int | None = None) -> Assessor:
        """What assesses pictures so, in this process."""
        return Assessor(
            LazyModel(self.model, threads),
            limits=LIMITS,
            policy=POLICIES[self.policy],
            raw=self.raw,
            looks=True,
            maps=self.maps,
            advice=self.advice,
            crops=self.crops,
        )

    def of(self, found: Assessment | Rejection) -> Assessment | Rejection:
        """What was found, in this style and by this policy."""
        if isinstance(found, Rejection):
            return found
        return found.weighed(self.style, self.weights).judged(POLICIES[self.policy])


@dataclass(frozen=True)
class Stamp:
    """By what a file is known without being read."""

    size: int
    mtime_ns: int

    @classmethod
    def of(cls, path: Path) -> Stamp | None:
        """A file's; None where it cannot be looked at."""
        try:
            about = path.stat()
        except (OSError, ValueError):
            return None
        return cls(about.st_size, about.st_mtime_ns)


@dataclass(frozen=True)
class Answer:
    """What was found of one file.

    Attributes:
        found: Its assessment, or why it was refused.
        capture: How it was taken.
        digest: The hash of its content; empty where that could not be read.
        stamp: Of the file that was read; None where it changed meanwhile.
        record: What was found as it is remembered; empty where it was remembered, or is not to be.
    """

    found: Assessment | Rejection
    capture: Capture = field(default_factory=Capture)
    digest: bytes = b""
    stamp: Stamp | None = None
    record: bytes = b""


def judge(path: Path, judging: Judging, assessor: Assessor, remembered: Any = None) -> Answer:
    """Judges one file.

    Args:
        path: The file.
        judging: How.
        assessor: That of ``judging``.
        remembered: Returns the record of a digest, or None.

    Raises:
        ModelUnavailable: No file can be judged.
    """
    before = Stamp.of(path)
    try:
        data = read_file(path, assessor.limits)
    except NimaError as error:
        return Answer(Rejection.of(error))
    stamp = before if before == Stamp.of(path) else None
    digest = hashlib.blake2b(data, digest_size=_DIGEST_BYTES).digest()
    record = remembered(digest) if remembered else None
    known = unpacked(record) if record else None
    if known:
        return Answer(judging.of(known[0]), known[1], digest, stamp)
    capture = Capture.of(exif_of(data))
    found: Assessment | Rejection
    try:
        found = judging.of(assessor.assess(data, judging.style, judging.weights))
    except PermanentError as error:
        found = Rejection.of(error)
    except ModelUnavailable:
        raise
    except NimaError as error:  # it may go better another time
        return Answer(Rejection.of(error), capture)
    return Answer(found, capture, digest, stamp, packed(found, capture) if judging.kept else b"")


def packed(found: Assessment | Rejection, capture: Capture) -> bytes:
    """What was found of a file, in few bytes."""
    document: dict[str, Any] = {"capture": {name: _plain(value) for name, value in asdict(capture).items()}}
    if isinstance(found, Assessment):
        document |= {"assessment": found.to_json(), "look": (found.look or b"").hex()}
    else:
        document |= {"error": found.to_json()}
    return zlib.compress(json.dumps(document).encode(), 1)


def unpacked(record: bytes) -> tuple[Assessment | Rejection, Capture] | None:
    """What ``packed`` made; None where it cannot be read."""
    try:
        document = json.loads(zlib.decompress(record))
        capture = dict(document["capture"])
        capture["taken"] = datetime.fromisoformat(capture["taken"]) if capture["taken"] else None
        capture["offset"] = timedelta(seconds=capture["offset"]) if capture["offset"] is not None else None
        if "error" in document:
            return read(Rejection, document["error"], {}), Capture(**capture)
        assessment = read(Assessment, document["assessment"], COMPLETIONS)
        return replace(assessment, look=bytes.fromhex(document["look"]) or None), Capture(**capture)
    except (*FAILURES, zlib.error):
        return None


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value.total_seconds() if isinstance(value, timedelta) else value


def _developer() -> str:
    """What develops RAW here, without which some files are refused."""
    try:
        return f"rawpy-{version('rawpy')}"
    except PackageNotFoundError:
        return "none"


@cache
def _code() -> str:
    """The hash of the code that judges: another release, or a change of it, may answer otherwise."""
    files = sorted(file for room in _ROOMS for file in (Path(__file__).parents[1] / room).rglob("*.py"))
    found = hashlib.blake2b(digest_size=6)
    for file in files:
        found.update(file.read_bytes())
    return found.hexdigest()
