"""Undoing what went wrong with a picture, as far as it can be undone: each change is one that an editor has too.

Nothing is added that the picture has not: what is soft, noisy, clipped or covered stays so.
"""
