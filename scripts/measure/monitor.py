"""What really comes out of the sound server, and when: its default monitor, recorded with the time of each piece.

The recording is a process of its own (`python -m scripts.measure.monitor FOLDER`), so that what is measured does not keep it
from looking at the clock. Needs PulseAudio's tools, or PipeWire's of the same names.
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
# Sound that is not there is exact zeros; no loop of ours has as many in a row.
_SILENCE_FRAMES = 16
# Over this much sound the earliest arrival says when sound comes out.
_AROUND_FRAMES = 5 * RATE
# A change is believed where the recording is the one loop before it and the other after the fade.
_PROOF_FRAMES = RATE // 8
_SEARCH_FRAMES = RATE
_FADE_FRAMES = RATE // 50
_ALIKE = 1e-3


class Monitor:
    """Records into a folder from now on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process = subprocess.Popen([sys.executable, "-m", "scripts.measure.monitor", str(folder)])
        end = time.monotonic() + 20
        while not (folder / _TIMES).exists() or not (folder / _TIMES).stat().st_size:
            if time.monotonic() > end:
                raise SystemExit("the sound server's monitor says nothing")
            time.sleep(0.05)

    def recorded(self) -> Recorded:
        """End, and give what came."""
        self._process.terminate()
        self._process.wait()
        times = np.fromfile(self._folder / _TIMES, np.float64)
        times = times[: len(times) // 2 * 2].reshape(-1, 2)
        return Recorded(np.fromfile(self._folder / _SOUND, np.float32), times[:, 1].astype(np.intp), times[:, 0])


@dataclass(frozen=True)
class Recorded:
    """samples: float32 (n_frames,). ends, times: how many frames had come, and when by the monotonic clock."""

    samples: FloatArray
    ends: npt.NDArray[np.intp]
    times: npt.NDArray[np.float64]

    def time_of(self, frame: int) -> float:
        """When this frame came out: pieces arrive late at times, never early."""
        near = slice(*np.searchsorted(self.ends, [frame - _AROUND_FRAMES, frame + _AROUND_FRAMES]))
        return float((self.times[near] - self.ends[near] / RATE).min()) + frame / RATE

    def frame_at(self, moment: float) -> int:
        """The frame that came out then."""
        i = min(int(np.searchsorted(self.times, moment)), len(self.times) - 1)
        frame = int(self.ends[i])
        return frame + round((moment - self.time_of(frame)) * RATE)

    def breaks(self, begin: int, end: int) -> list[tuple[float, float]]:
        """Where sound was missing between two frames: from when until when."""
        found = begin + silences(self.samples[begin:end])
        return [(self.time_of(int(first)), self.time_of(int(last))) for first, last in found]


def silences(samples: FloatArray) -> npt.NDArray[np.intp]:
    """Where sound is missing: intp (n, 2), first frame of each such stretch and the one after its last."""
    ends = np.flatnonzero(np.diff(np.concatenate([[0], samples == 0, [0]]))).reshape(-1, 2)
    return ends[ends[:, 1] - ends[:, 0] >= _SILENCE_FRAMES]


def first_change(recorded: Recorded, moment: float, before: FloatArray, after: FloatArray) -> float | None:
    """When the sound went over from one loop to another, later than `moment`; None where that cannot be said.

    before, after: float32 (n,), what was to be heard, around a circle of the same length. The recording has to be the
    first to the sample up to the change, and the second soon after it.
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
    """Where in a loop a stretch of sound begins: the smallest distance around the circle."""
    padded = np.concatenate([sound, np.zeros(len(loop) - len(sound), np.float32)])
    products = np.fft.irfft(np.fft.rfft(loop) * np.conj(np.fft.rfft(padded)), len(loop))
    energy = np.concatenate([[0.0], np.cumsum(np.concatenate([loop, loop[: len(sound)]]).astype(np.float64) ** 2)])
    window = energy[len(sound) : len(sound) + len(loop)] - energy[: len(loop)]
    return int((window - 2 * products).argmin())


def main() -> None:
    """Record until told to end."""
    folder = Path(sys.argv[1])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    recording = subprocess.Popen(_COMMAND, stdout=subprocess.PIPE)
    assert recording.stdout is not None
    come = 0
    with (folder / _SOUND).open("wb", 0) as sound, (folder / _TIMES).open("wb", 0) as times:
        try:
            while piece := os.read(recording.stdout.fileno(), 1 << 16):
                now = time.monotonic()
                sound.write(piece)
                come += len(piece)
                times.write(np.array([now, come // _FRAME_BYTES]).tobytes())
        finally:
            recording.terminate()


if __name__ == "__main__":
    main()
