"""How right the picks of a shoot are: bursts, brackets, focus stacks and panoramas whose right answer is known."""
