"""Files of Keras weights as they are about: of HDF5 in both of Keras's layouts, alone or within a saved model."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nima.errors import InvalidRequest

KINDS = ".h5, .weights.h5 and .keras of Keras, .tflite of LiteRT"
"""What is read, for messages."""
_HDF5, _ZIP, _LITERT = b"\x89HDF\r\n\x1a\n", b"PK\x03\x04", b"TFL3"
_VARIABLES = "vars"
_OPTIMIZER = "optimizer"


class Tensor(NamedTuple):
    """An array of a file.

    Attributes:
        place: The names of the layer and of what it is in, outermost first. The innermost is a name that a layer was
            given, or in files of older releases of Keras 3 what numbers the layers of a class, such as ``conv2d_3``.
        name: Such as ``kernel``; where the file only numbers the tensors of a layer, its number.
        values: The array.
    """

    place: tuple[str, ...]
    name: str
    values: NDArray[np.float32]


def is_litert(content: bytes) -> bool:
    return content[4:8] == _LITERT


def read_tensors(path: Path, content: bytes) -> list[Tensor]:
    """Every array of floating-point numbers of a file of Keras weights, those of an optimiser left out.

    Args:
        path: For messages.
        content: What is in it.

    Raises:
        InvalidRequest: It is no such file, or damaged.
    """
    import h5py

    if not content.startswith((_HDF5, _ZIP)):
        raise InvalidRequest(f"{path} is no file of weights; what is read are {KINDS}.")
    try:
        if content.startswith(_ZIP):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                content = archive.read("model.weights.h5")
        with h5py.File(io.BytesIO(content), "r") as file:
            return list(_tensors(file))
    except KeyError as error:
        raise InvalidRequest(f"{path} is a ZIP file, but none of Keras: it holds no model.weights.h5.") from error
    except (OSError, RuntimeError, ValueError, zipfile.BadZipFile) as error:
        raise InvalidRequest(f"{path} is a damaged file of weights: {str(error).partition(chr(10))[0]}") from error


def _tensors(group: Any, place: tuple[str, ...] = ()) -> Iterator[Tensor]:
    import h5py

    for name, entry in group.items():
        if isinstance(entry, h5py.Group):
            if place or not name.startswith(_OPTIMIZER):
                given = entry.attrs.get("name") if name == _VARIABLES else None
                yield from _tensors(entry, (*place[:-1], str(given)) if given else (*place, name))
        elif isinstance(entry, h5py.Dataset) and entry.dtype.kind == "f":
            within = place[:-1] if place[-1:] == (_VARIABLES,) else place
            yield Tensor(within, name.partition(":")[0], np.asarray(entry, np.float32))
