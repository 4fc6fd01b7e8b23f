"""Record the output of the sound server's default monitor, with the arrival time of each block.

A separate process records (`python -m scripts.measure.monitor FOLDER`), so that the measured program does not delay it.
Needs the tools of PulseAudio, or PipeWire's tools of the same names.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from technogan.arrays import FloatArray

RATE = 44100
_FRAME_BYTES = 4
_SOUND, _TIMES = "sound.raw", "times.raw"
_COMMAND = (
    *("parec", "--device=@DEFAULT_MONITOR@", "--raw", "--format=float32le", "--channels=1"),
    *(f"--rate={RATE}", "--latency-msec=5"),
)
# Missing sound is recorded as zeros; no loop contains as many in a row.
_SILENCE_FRAMES = 16
# The earliest block in this range determines the time of a frame.
_AROUND_FRAMES = 5 * RATE
# A change counts if the recording matches one loop before it and the other after the fade.
_PROOF_FRAMES = RATE // 8
_SEARCH_FRAMES = RATE
_FADE_FRAMES = RATE // 50
_ALIKE = 1e-3


class Monitor:
    """A recording to a folder, which starts at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process = subprocess.Popen([sys.executable, "-m", "scripts.measure.monitor", str(folder)])
        end = time.monotonic() + 20
        while not (folder / _TIMES).exists() or not (folder / _TIMES).stat().st_size:
            if time.monotonic() > end:
                raise SystemExit("the sound server's monitor sends no sound")
            time.sleep(0.05)

    def stop(self) -> Recording:
        """Stop and return the recording."""
        self._process.terminate()
        self._process.wait()
        times = np.fromfile(self._folder / _TIMES, np.float64)
        times = times[: len(times) // 2 * 2].reshape(-1, 2)
        return Recording(np.fromfile(self._folder / _SOUND, np.float32), times[:, 1].astype(np.intp), times[:, 0])


@dataclass(frozen=True)
class Recording:
    """A recording with arrival times.

    Attributes:
        samples: float32 (n_frames,).
        ends: The number of frames received after each block.
        times: The arrival time of each block, by the monotonic clock.
    """

    samples: FloatArray
    ends: npt.NDArray[np.intp]
    times: npt.NDArray[np.float64]

    def time_of(self, frame: int) -> float:
        """Return the output time of a frame. Blocks may arrive late but never early."""
        near = slice(*np.searchsorted(self.ends, [frame - _AROUND_FRAMES, frame + _AROUND_FRAMES]))
        return float((self.times[near] - self.ends[near] / RATE).min()) + frame / RATE

    def frame_at(self, moment: float) -> int:
        """Return the frame that was output at a time."""
        i = min(int(np.searchsorted(self.times, moment)), len(self.times) - 1)
        frame = int(self.ends[i])
        return frame + round((moment - self.time_of(frame)) * RATE)

    def breaks(self, begin: int, end: int) -> list[tuple[float, float]]:
        """Return start and end times of missing sound between two frames."""
        found = begin + find_silences(self.samples[begin:end])
        return [(self.time_of(int(first)), self.time_of(int(last))) for first, last in found]


def find_silences(samples: FloatArray) -> npt.NDArray[np.intp]:
    """Return the gaps in the sound, intp (n, 2): the first frame of each and the frame after its last."""
    ends = np.flatnonzero(np.diff(np.concatenate([[0], samples == 0, [0]]))).reshape(-1, 2)
    return ends[ends[:, 1] - ends[:, 0] >= _SILENCE_FRAMES]


def first_change(recorded: Recording, moment: float, before: FloatArray, after: FloatArray) -> float | None:
    """Return when the sound changes from one loop to another, or None if this is unclear.

    Args:
        recorded: The recording.
        moment: Earliest time of the change.
        before: float32 (n,), the expected loop before the change; the recording must match it exactly.
        after: float32 (n,), the expected loop after the change, of the same length.
    """
    start = recorded.frame_at(moment)
    sound = recorded.samples[start - _PROOF_FRAMES : start + _SEARCH_FRAMES]
    place = _place(sound[:_PROOF_FRAMES], before)
    changed = np.abs(sound - before.take(np.arange(place, place + len(sound)), mode="wrap")) > _ALIKE
    if changed[:_PROOF_FRAMES].any() or not changed.any():
        return None
    first = int(changed.argmax())
    proof = slice(first + _FADE_FRAMES, first + _FADE_FRAMES + _PROOF_FRAMES)
    there = np.arange(place, place + len(sound))[proof]
    if np.abs(sound[proof] - after.take(there, mode="wrap")).max(initial=0.0) > _ALIKE:
        return None
    return recorded.time_of(start - _PROOF_FRAMES + first)


def _place(sound: FloatArray, loop: FloatArray) -> int:
    """Return the position in a loop that best matches a piece of sound."""
    padded = np.concatenate([sound, np.zeros(len(loop) - len(sound), np.float32)])
    products = np.fft.irfft(np.fft.rfft(loop) * np.conj(np.fft.rfft(padded)), len(loop))
    energy = np.concatenate([[0.0], np.cumsum(np.concatenate([loop, loop[: len(sound)]]).astype(np.float64) ** 2)])
    window = energy[len(sound) : len(sound) + len(loop)] - energy[: len(loop)]
    return int((window - 2 * products).argmin())


def main() -> None:
    """Record until the process is terminated."""
    folder = Path(sys.argv[1])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    recording = subprocess.Popen(_COMMAND, stdout=subprocess.PIPE)
    assert recording.stdout is not None
    n_bytes = 0
    with (folder / _SOUND).open("wb", 0) as sound, (folder / _TIMES).open("wb", 0) as times:
        try:
            while piece := os.read(recording.stdout.fileno(), 1 << 16):
                now = time.monotonic()
                sound.write(piece)
                n_bytes += len(piece)
                times.write(np.array([now, n_bytes // _FRAME_BYTES]).tobytes())
        finally:
            recording.terminate()


if __name__ == "__main__":
    main()
