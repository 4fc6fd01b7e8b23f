"""Evaluation of models against real images: quality metrics without trained networks, and the effect of sliders."""
