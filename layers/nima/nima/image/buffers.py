"""What a file makes its decoder hold at its peak, told from the header alone; measured, not computed from a theory."""

from __future__ import annotations

from PIL import Image

from nima.image.container import Container
from nima.image.formats import FORMATS
from nima.image.limits import MEBIBYTE, Need

# The interpreter with its libraries, the model and what scoring takes; the decoder's process before its first picture.
_PROCESS_BYTES, _DECODER_BYTES = 140 * MEBIBYTE, 40 * MEBIBYTE
# The bands in which pixels are brought to the frame, and the frame as floating point while its colours are converted.
_WORKING_BYTES = 60 * MEBIBYTE
# The file, and the copies of it that decoders make; metadata are copied again to be put together.
_FILE_COPIES, _METADATA_COPIES = 3, 2


def decoding_need(image: Image.Image, container: Container, size: int, draft: int = 1) -> Need:
    """What an opened picture needs.

    Args:
        container: Its file.
        size: Bytes of the file.
        draft: By how much its sides are divided as it is decoded.
    """
    processes = _PROCESS_BYTES + (_DECODER_BYTES if FORMATS[container.format].isolated else 0)
    file = _WORKING_BYTES + _FILE_COPIES * size + _METADATA_COPIES * container.metadata
    return Need(processes, file, container.pixel_bytes(image, draft))
