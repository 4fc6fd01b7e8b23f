"""The tempo of a track, its beat grid and first downbeat, and how far the beats stray from an exact grid."""

from training.tempo.analysis import Tempo, analyse, tempo_of
from training.tempo.course import Course, Grid

__all__ = ["Course", "Grid", "Tempo", "analyse", "tempo_of"]
