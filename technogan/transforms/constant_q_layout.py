"""The bands of the circular constant-Q transform, in cycles per sample, so that loops of any length share them.

All widths are fractions of the frame rate, 1 / hop_length, and have two limits:

- Wide bands: n_frames coefficients can represent a band (the painless case, whose inverse is exact) if it is no wider
  than the frame rate. So windows reach at most 1/2 from their centres. Centres 1/4 apart, 68 Hz at 128 BPM, have the
  spacing of an STFT of 512 points; with 3/8, transients were measured 1 dB worse.
- Narrow bands: a window with a reach of w responds to an impulse for 1 / w frames (at half height), and techno has a
  note every sixteenth, 32 frames. Kicks and bass lines were measured after conversion to 8-bit images and back. With a
  reach of 1/16, the pre-echo of a kick is 11 dB louder and the envelope of a bass 7 dB worse than with 1/8. With 1/4,
  the bass gains 2 dB, the envelope of the kick loses 3 dB, and every pitch is twice as wide. So the reach is at least
  1/8: 8 frames, 29 ms at 128 BPM. There the centres are usually 1/32 apart, 8.5 Hz at 128 BPM, so that a bass moves
  from row to row with its pitch.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from technogan.errors import SpecError
from technogan.formats import ConstantQSettings

Frequencies = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]

# Fractions of the frame rate: limits of the reach of a window to each side.
_NARROWEST_REACH = 1 / 8
_PAINLESS_REACH = 1 / 2

# A window reaches to the second band on each side, within the limits above.
_OVERLAP = 2


@dataclass(frozen=True, slots=True)
class BandLayout:
    """Bands in order of rising centre.

    Attributes:
        centres: float64 (n_bins,), cycles per sample.
        reaches: float64 (n_bins,), cycles per sample; a window is zero beyond its reach from its centre.
        rows: indices of the bands that are the image's rows; the other bands fill the gaps between DC and Nyquist.
    """

    centres: Frequencies
    reaches: Frequencies
    rows: IndexArray


def layout_of(n_rows: int, hop_length: int, settings: ConstantQSettings) -> BandLayout:
    """Return the bands of an image of `n_rows` rows. Raises SpecError if the settings do not allow that many."""
    if settings.fmin is None or settings.bins_per_octave is None:
        centres = _variable_q(n_rows, hop_length, settings)
        rows = np.arange(n_rows)
    else:
        octaves = np.arange(n_rows) / settings.bins_per_octave
        centres, rows = _fill_gaps(settings.fmin * 2.0**octaves, hop_length, settings)
    # The mirror images of the bands are below zero and above Nyquist.
    gaps = np.diff(centres, prepend=-centres[0], append=1 - centres[-1])
    spacing = np.maximum(gaps[1:], gaps[:-1])
    reaches = np.clip(_OVERLAP * spacing, _NARROWEST_REACH / hop_length, _PAINLESS_REACH / hop_length)
    return BandLayout(centres, reaches, rows)


def _variable_q(n_rows: int, hop_length: int, settings: ConstantQSettings) -> Frequencies:
    """Return centres from DC to Nyquist, spaced f / q apart within the limits of the spacing.

    On a scale from 0 at DC to n_rows at Nyquist, which determines q, the centres are at 1/2, 3/2, and so on. So they
    and their mirror images are evenly spaced across DC and across Nyquist.
    """
    closest, widest = settings.closest_spacing / hop_length, settings.widest_spacing / hop_length
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


def _fill_gaps(rows: Frequencies, hop_length: int, settings: ConstantQSettings) -> tuple[Frequencies, IndexArray]:
    """Return the centres of the rows and of the bands that fill the gaps, and the indices of the rows."""
    if rows[-1] >= 0.5:
        raise SpecError(f"the top constant-Q row is at {rows[-1]:.4f} cycles per sample; it must be below 0.5")
    closest, widest = settings.closest_spacing / hop_length, settings.widest_spacing / hop_length
    n_below = max(0, math.ceil(rows[0] / closest - 0.5))
    n_above = max(0, math.ceil((0.5 - rows[-1]) / widest - 0.5))
    below = rows[0] * (np.arange(n_below) + 0.5) / (n_below + 0.5)
    above = 0.5 - (0.5 - rows[-1]) * (np.arange(n_above)[::-1] + 0.5) / (n_above + 0.5)
    pieces = np.maximum(np.ceil(np.diff(rows) / widest), 1).astype(np.intp)
    row_bins = n_below + np.concatenate([[0], np.cumsum(pieces)]).astype(np.intp)
    between = np.interp(np.arange(row_bins[0], row_bins[-1] + 1), row_bins, rows)
    return np.concatenate([below, between, above]), row_bins
