"""Runs: a schedule in stages, its losses and its checkpoints."""
