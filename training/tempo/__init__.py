"""Measure the tempo, beat grid, first downbeat and drift of a track."""

from training.tempo.analysis import Tempo, analyse, estimate_tempo
from training.tempo.beat_map import BeatMap, Grid

__all__ = ["BeatMap", "Grid", "Tempo", "analyse", "estimate_tempo"]
