"""A photographer's shoot: how its pictures were taken, which belong together, and which are worth keeping. Pure."""

from pathlib import Path

WORDS = Path(__file__).with_name("words")
"""What is said of shoots, as in ``nima.words``."""
