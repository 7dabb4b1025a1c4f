"""``python -m nima.local.sam``."""

from importlib import import_module

from nima.interrupt import run

if __name__ == "__main__":
    run(lambda: import_module("nima.local.sam.commands").main)
