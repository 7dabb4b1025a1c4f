"""Learned reasons: trees that tell, by the numbers of a picture, whether a defect is there."""
