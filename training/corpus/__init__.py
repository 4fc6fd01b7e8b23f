"""Synthetic techno: a drum machine and synthesiser that renders seamless bars as free training material.

A bar depends only on its seed.
"""

# Increase it with every change that makes a seed give another bar.
VERSION = 1
