"""A shoot as one page in one file: every picture with what it got, in what group, and why."""
