"""Getting the published weights, from their home or a mirror; nothing is parsed before its id is checked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from nima.errors import ModelUnavailable
from nima.model.published import IDEALO, Weights, blob_id
from nima.whole import whole

MAX_BYTES = 64 << 20
"""No weights file is read beyond this; the published ones have 13 MB."""

Progress = Callable[[str, int, int | None], None]
"""Called with a file's name, the bytes read so far and the size of the whole file where it is known."""

_CONNECT_SECONDS, _READ_SECONDS = 10, 30
_CHUNK = 1 << 16


def is_url(source: str) -> bool:
    return source.startswith(("http://", "https://"))


def fetch(
    source: str, cache: Path, weights: Sequence[Weights] = IDEALO, progress: Progress | None = None
) -> dict[str, bytes]:
    """The content of each weights file, by head, each equal to its pin.

    Args:
        source: A URL or a folder that holds the files under their published names.
        cache: Where downloads are kept. A file that is there and equals its pin is not downloaded again.
        weights: The files wanted.
        progress: Called with how far each download is.

    Raises:
        ModelUnavailable: A file cannot be reached, is missing, too large, or not the published one.
    """
    if not is_url(source):
        return {wanted.head: _from_folder(Path(source), wanted) for wanted in weights}
    cache.mkdir(parents=True, exist_ok=True)
    with requests.Session() as session:
        retry = Retry(
            total=3, connect=1, backoff_factor=0.5, status_forcelist=(429, 500, 502, 503, 504), raise_on_status=False
        )
        for scheme in ("http://", "https://"):
            session.mount(scheme, HTTPAdapter(max_retries=retry))
        return {wanted.head: _from_url(session, source, cache, wanted, progress) for wanted in weights}


def _from_folder(folder: Path, wanted: Weights) -> bytes:
    path = folder / wanted.file
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ModelUnavailable(f"{path} cannot be read ({error.strerror}). {_advice()}") from error
    return _checked(content, str(path), wanted)


def _from_url(session: requests.Session, source: str, cache: Path, wanted: Weights, progress: Progress | None) -> bytes:
    path = cache / wanted.file
    if path.is_file() and path.stat().st_size <= MAX_BYTES:
        content = path.read_bytes()
        if blob_id(content) == wanted.blob:
            return content
    url = f"{source.rstrip('/')}/{wanted.file}"
    content = _checked(_download(session, url, wanted.file, progress), url, wanted)
    with whole(path) as part:
        part.write_bytes(content)
    return content


def _download(session: requests.Session, url: str, name: str, progress: Progress | None) -> bytes:
    content = bytearray()
    try:
        with session.get(url, stream=True, timeout=(_CONNECT_SECONDS, _READ_SECONDS)) as response:
            response.raise_for_status()
            length = response.headers.get("Content-Length", "")
            total = int(length) if length.isdecimal() and "Content-Encoding" not in response.headers else None
            for chunk in response.iter_content(_CHUNK):
                content += chunk
                if len(content) > MAX_BYTES:
                    break
                if progress:
                    progress(name, len(content), total)
    except requests.HTTPError as error:
        raise ModelUnavailable(
            f"{url} answers {error.response.status_code} {error.response.reason}. {_advice()}"
        ) from error
    except requests.RequestException as error:
        raise ModelUnavailable(f"{url} cannot be downloaded ({type(error).__name__}). {_advice()}") from error
    return bytes(content)


def _checked(content: bytes, place: str, wanted: Weights) -> bytes:
    if len(content) > MAX_BYTES:
        raise ModelUnavailable(f"{place} is larger than {MAX_BYTES >> 20} MiB, so it is not the published file.")
    found = blob_id(content)
    if found != wanted.blob:
        raise ModelUnavailable(
            f"{place} is not the published file, so it was not opened: its git blob id is {found}, not {wanted.blob}."
        )
    return content


def _advice() -> str:
    return (
        f"Set NIMA_MODEL_SOURCE (or --source) to a folder or URL that holds {' and '.join(w.file for w in IDEALO)}, "
        "or to a folder that holds technical.tflite and aesthetic.tflite."
    )
