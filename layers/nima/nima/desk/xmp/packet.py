"""XMP packets in which nothing is said yet."""

from __future__ import annotations

from nima import __version__
from nima.desk.xmp.properties import NAMESPACES, RDF

_BEGIN = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'.encode()
_END = b'<?xpacket end="w"?>'
_PADDING = (b" " * 99 + b"\n") * 20  # as the standard recommends, for programs that write in place


def new_packet(*, wrapped: bool = False) -> bytes:
    """A packet.

    Args:
        wrapped: Whether it is for the inside of another file, where programs look for its beginning and its end.
    """
    packet = (
        f'<x:xmpmeta xmlns:x="{NAMESPACES["x"]}" x:xmptk="nima {__version__}">\n'
        f' <rdf:RDF xmlns:rdf="{RDF}">\n </rdf:RDF>\n</x:xmpmeta>\n'
    ).encode()
    return _BEGIN + packet + _PADDING + _END if wrapped else packet
