"""Training: own ratings or a teacher in, a model folder out. Needs the extra ``train``; never part of a Lambda.

``labels`` are read and split, or a teacher of ``samples`` answers; ``networks`` learn of them in the ``trainer``, by
``finetune`` or ``distill``; ``evaluate`` compares a model with raters, and ``export`` makes its folder.
"""
