"""``python -m nima.cli``."""

from nima.cli import main

main()
