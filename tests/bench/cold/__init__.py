"""The score image beside one with TensorFlow, from the cold start to the bill: ``python -m tests.bench.cold``."""
