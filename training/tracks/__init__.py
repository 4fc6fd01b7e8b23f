"""Conform tracks to an exact tempo and cut them into slices."""
