"""Measurements of speed, sound and quality on this machine; see docs/developers/decisions.md."""
