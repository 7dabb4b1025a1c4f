"""The text of a file that somebody saved with another program."""

from __future__ import annotations

import codecs
from pathlib import Path

from nima.errors import InvalidRequest

MAX_BYTES = 1 << 30

# The longer ones first: UTF-32's begins as UTF-16's does.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HELP = 'Save it as "CSV UTF-8", as Excel calls it, or name its encoding, such as --encoding gb18030.'


def read_text(path: Path, encoding: str | None = None) -> str:
    """The text of a file: in the encoding that is stated, else that of its byte order mark, else UTF-8.

    Nothing is guessed: what is GBK is valid in most encodings of Western Europe as well, with other letters.

    Raises:
        InvalidRequest: It cannot be read, is larger than 1 GiB, or is not in this encoding.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InvalidRequest(f"{path} is larger than {MAX_BYTES >> 20} MiB.")
        content = path.read_bytes()
    except OSError as error:
        raise InvalidRequest(f"{path} cannot be read: {error.strerror}.") from error
    assumed = encoding or next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(assumed).removeprefix("\ufeff")
    except LookupError as error:
        raise InvalidRequest(f"The encoding {encoding!r} is not known.") from error
    except UnicodeError as error:
        line = content[: getattr(error, "start", 0)].count(b"\n") + 1
        name = assumed.removesuffix("-sig").upper()
        raise InvalidRequest(f"{path.name} is not {name} text (line {line}). {_HELP}") from error
    if "\0" in text:
        raise InvalidRequest(f"{path.name} holds bytes of 0, as UTF-16 without its byte order mark does. {_HELP}")
    return text
