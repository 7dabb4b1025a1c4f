"""The score function, and with another handler the evaluate function: both are one image."""
