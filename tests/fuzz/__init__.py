"""Inputs that nobody means well, many of them: `make fuzz` runs them all, FUZZ=0.1 a tenth. Not part of `make test`."""
