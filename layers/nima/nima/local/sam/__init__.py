"""The functions in their containers on this machine, by ``sam local``, with or without an AWS for them.

``python -m nima.local.sam --help`` lists the commands, which `make` calls.
"""
