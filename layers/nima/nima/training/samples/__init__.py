"""Pictures as a network sees them in training, with what it should answer."""
