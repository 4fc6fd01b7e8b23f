"""Synthetic techno: a drum machine and synthesiser that renders seamless bars as free training material.

A bar depends only on its seed, and is the sum of its stems.
"""

# Increase it with every change that makes a seed give another bar.
VERSION = 2

# The parts of a bar, in the order of `bar.render_stems`. The rumble of the kick belongs to the music.
STEMS = ("kick", "drums", "music")
