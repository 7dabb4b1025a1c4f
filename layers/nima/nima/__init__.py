"""Neural image assessment (NIMA): pictures in, score distributions and reasons out."""

__version__ = "0.1.0"
