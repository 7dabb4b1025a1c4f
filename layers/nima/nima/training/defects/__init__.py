"""Defects as they happen to photographs, in the units that people state them in: stops, pixels, levels, gains.

``nima.training.samples.distortions`` has graded strengths from nothing to as bad as it gets, which suit training; here
each change is exactly what is asked for, which suits measuring.
"""
