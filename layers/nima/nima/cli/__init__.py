"""The command line: ``nima score``, ``nima models``, ``nima local``."""

from __future__ import annotations

import signal
import sys

from nima.cli.interrupt import INTERRUPTED, end_in_order


def main() -> None:
    """Runs the command that was typed; from its first moment on, Ctrl-C ends it with exit code 130."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:  # as a shell has it for what runs in the background
        end_in_order(signal.SIGINT)
    try:
        import click

        from nima.cli.commands import commands

        try:
            sys.exit(commands.main(standalone_mode=False))
        except click.ClickException as error:
            error.show()
            sys.exit(error.exit_code)
        except click.Abort as aborted:
            raise KeyboardInterrupt from aborted
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        sys.exit(INTERRUPTED)
