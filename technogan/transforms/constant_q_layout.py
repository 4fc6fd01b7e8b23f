"""Where the bands of the circular constant-Q transform lie, in cycles a sample, so that loops of any length share them.

All widths are fractions of the frame rate, 1 / hop_length. Two facts bound them:

- Above: a band that n_frames coefficients can carry (the painless case, whose inverse is exact) is no wider than the
  frame rate. So no window reaches further than 1/2 of it from its centre, and no centres lie further apart than 3/8.
- Below: a window that reaches w of the frame rate answers an impulse for 1 / w frames (half height to half height), and
  techno has a note every sixteenth, 32 frames. Measured on kicks and bass lines sent through 8-bit images and back:
  with 1/16, what sounds before a kick is 11 dB louder and the envelope of a bass 7 dB worse than with 1/8; with 1/4 the
  bass gains 2 dB, the kick's envelope loses 3, and every pitch is twice as wide. So 1/8: 8 frames, 29 ms at 128 BPM.
  Centres are 1/32 apart there, 8.5 Hz at 128 BPM, so that a bass moves from row to row with its pitch.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from technogan.errors import SpecError
from technogan.formats import ConstantQSettings

Frequencies = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]

# Fractions of the frame rate: the spacing of centres, and how far a window reaches to either side of its centre.
_CLOSEST = 1 / 32
_WIDEST = 3 / 8
_NARROWEST_REACH = 1 / 8
_PAINLESS_REACH = 1 / 2

# A window reaches as far as the second band to either side, unless the bounds above say otherwise.
_OVERLAP = 2


@dataclass(frozen=True, slots=True)
class BandLayout:
    """Bands by rising centre. rows: which of them are the image's rows; the others fill what these leave open.

    centres, reaches: float64 (n_bins,), cycles a sample; a window is zero further than its reach from its centre.
    """

    centres: Frequencies
    reaches: Frequencies
    rows: IndexArray


def layout_of(n_rows: int, hop_length: int, settings: ConstantQSettings) -> BandLayout:
    """The bands for an image of `n_rows`. Raises SpecError where so many rows cannot lie as the settings ask."""
    if settings.fmin is None or settings.bins_per_octave is None:
        centres = _variable_q(n_rows, hop_length)
        rows = np.arange(n_rows)
    else:
        octaves = np.arange(n_rows) / settings.bins_per_octave
        centres, rows = _filled(settings.fmin * 2.0**octaves, hop_length)
    # Below zero and above Nyquist lie the bands' own mirror images.
    gaps = np.diff(centres, prepend=-centres[0], append=1 - centres[-1])
    spacing = np.maximum(gaps[1:], gaps[:-1])
    reaches = np.clip(_OVERLAP * spacing, _NARROWEST_REACH / hop_length, _PAINLESS_REACH / hop_length)
    return BandLayout(centres, reaches, rows)


def _variable_q(n_rows: int, hop_length: int) -> Frequencies:
    """Centres from DC to Nyquist, spaced f / q apart, but at least the closest and at most the widest spacing.

    Numbered from 0 at DC to n_rows at Nyquist, which fixes q, the centres stand at 1/2, 3/2, ...: together with their
    mirror images they are evenly spaced through DC and through Nyquist.
    """
    closest, widest = _CLOSEST / hop_length, _WIDEST / hop_length
    q = (n_rows - 0.5 / widest) / math.log(widest / closest)
    if not 1 <= q <= 0.5 / widest:
        raise SpecError(f"{n_rows} constant-Q rows are too few or too many for frames {hop_length} samples apart")
    number = np.arange(n_rows) + 0.5
    last_geometric = q * (1 + math.log(widest / closest))
    linear_below = closest * np.minimum(number - q, 0)
    geometric = closest * q * np.exp(np.clip(number, q, last_geometric) / q - 1)
    linear_above = widest * np.maximum(number - last_geometric, 0)
    centres: Frequencies = linear_below + geometric + linear_above
    return centres


def _filled(rows: Frequencies, hop_length: int) -> tuple[Frequencies, IndexArray]:
    """The rows together with the bands that fill what they leave open from DC to Nyquist; and which of all are rows."""
    if rows[-1] >= 0.5:
        raise SpecError(f"the top constant-Q row lies at {rows[-1]:.4f} cycles a sample, not below 0.5")
    closest, widest = _CLOSEST / hop_length, _WIDEST / hop_length
    n_below = max(0, math.ceil(rows[0] / closest - 0.5))
    n_above = max(0, math.ceil((0.5 - rows[-1]) / widest - 0.5))
    below = rows[0] * (np.arange(n_below) + 0.5) / (n_below + 0.5)
    above = 0.5 - (0.5 - rows[-1]) * (np.arange(n_above)[::-1] + 0.5) / (n_above + 0.5)
    pieces = np.maximum(np.ceil(np.diff(rows) / widest), 1).astype(np.intp)
    row_bins = n_below + np.concatenate([[0], np.cumsum(pieces)]).astype(np.intp)
    between = np.interp(np.arange(row_bins[0], row_bins[-1] + 1), row_bins, rows)
    return np.concatenate([below, between, above]), row_bins
