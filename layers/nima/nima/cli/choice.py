"""Options and arguments that take one of a few names."""

from __future__ import annotations

from typing import Any

import click

from nima.near import did_you_mean


class Choice(click.Choice[str]):
    """One of a few names; for one that is mistyped, the one that may have been meant is said."""

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:
        """What is wrong."""
        said = super().get_invalid_choice_message(value, ctx)
        return said + did_you_mean(str(value), map(str, self.choices))
