"""Finished loops: levelling, resampling and WAV files."""
