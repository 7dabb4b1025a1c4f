"""Ratings of pictures: their files, what is wrong with them, and their split into sides."""
