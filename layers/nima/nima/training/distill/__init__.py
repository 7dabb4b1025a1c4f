"""Distillation: a small network learns what a large one says of photographs that nobody has rated."""
