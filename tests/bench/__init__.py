"""The numbers that the project promises, measured beside a TensorFlow evaluator: ``python -m tests.bench``."""
