"""Synthetic techno: a drum machine and synthesiser that renders bars which wrap around without a seam.

A bar depends on its seed alone. It is made to train on, and nobody's rights are touched by it.
"""

# Counts up whenever the same seed gives another bar.
VERSION = 1
