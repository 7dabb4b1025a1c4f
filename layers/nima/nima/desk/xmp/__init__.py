"""XMP (ISO 16684-1) in files of its own and in JPEG: what is said in it, and saying more without touching the rest."""
