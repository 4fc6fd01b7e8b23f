"""Loops rendered in processes of their own, and the queue of the seed under the sliders."""
