"""Sequencers: S3's events of one key in the order in which they happened."""

from __future__ import annotations

import re

from nima.errors import InvalidRequest

SEQUENCER_DIGITS = 64
FIRST_SEQUENCER = "0" * SEQUENCER_DIGITS
"""Lower than any sequencer that S3 gives."""

HEXADECIMAL = re.compile(rf"[0-9A-Fa-f]{{1,{SEQUENCER_DIGITS}}}")
_PADDED = re.compile(f"[0-9A-F]{{{SEQUENCER_DIGITS}}}")


def pad_sequencer(sequencer: str) -> str:
    """A sequencer in the form that compares as text.

    S3's sequencers are hexadecimal numbers of varying length, to be compared after padding the shorter on the right
    with zeros (Amazon S3 User Guide, Event message structure).

    Raises:
        InvalidRequest: It is not hexadecimal, or longer than ``SEQUENCER_DIGITS``.
    """
    if not HEXADECIMAL.fullmatch(sequencer):
        raise InvalidRequest("sequencer: a hexadecimal number.", detail=ascii(sequencer[:100]))
    return sequencer.upper().ljust(SEQUENCER_DIGITS, "0")


def is_padded(sequencer: str) -> bool:
    """Whether ``pad_sequencer`` may have made this."""
    return _PADDED.fullmatch(sequencer) is not None
