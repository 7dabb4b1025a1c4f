"""Training: own ratings or a teacher in, a model folder out. Needs the extra ``train``; never part of a Lambda."""
