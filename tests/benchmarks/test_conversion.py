"""Conversion of slices to images: comparison with the prototype, and growth of time and memory. Run by `make stage`."""

import statistics
import subprocess
import sys
import time

import librosa
import numpy as np
import psutil
import pytest
import scipy.io.wavfile
import scipy.signal
import soundfile
from PIL import Image

from technogan.formats import FORMATS
from technogan.sound.resampling import resample
from training.corpus import bar
from training.dataset.folder import convert_folder

BAR = FORMATS["bar"]
ROUNDS = 3
BARS = 64


@pytest.fixture(scope="module")
def slices(tmp_path_factory):
    """Write bars at 44.1 kHz whose length has a large prime factor, as with real slices."""
    folder = tmp_path_factory.mktemp("slices")
    for i in range(BARS):
        loop = 0.8 * resample(bar.render(i), 85478)[:85477]
        soundfile.write(folder / f"{i:03d}.wav", loop, 44100, subtype="PCM_16")
    return folder


def prototype(path, target):
    """Convert one bar as the prototype does, on current libraries: with two Python loops over all samples."""
    rate, sound = scipy.io.wavfile.read(path)
    assert max(sound) > min(sound)  # the prototype prints both, found by max and min of Python
    resampled = scipy.signal.resample(sound, BAR.n_samples)
    whole = np.zeros(BAR.n_samples, np.int16)
    for i in range(len(resampled)):
        whole[i] = int(resampled[i])
    scaled = np.zeros(BAR.n_samples)
    for i in range(len(whole)):
        scaled[i] = float(whole[i]) / np.power(2, 15)
    # librosa no longer supports wrapping.
    wrapped = np.pad(scaled, 256, mode="wrap")
    magnitude = np.abs(librosa.stft(wrapped, n_fft=512, hop_length=128, window="hann", center=False))
    grey = np.power(magnitude / BAR.scale, 1 / BAR.power) * 256
    Image.fromarray(grey.astype(np.uint8)[:-1, :-1], "L").save(target)
    scipy.io.wavfile.write(target.with_suffix(".wav"), rate, whole)


def cpu_ms(work, *arguments, **options):
    """Return the processor time of a call in ms, which other processes hardly influence."""
    start = time.process_time()
    work(*arguments, **options)
    return 1000 * (time.process_time() - start)


@pytest.mark.filterwarnings("ignore")
def test_conversion_compared_with_the_prototype(slices, tmp_path, capsys):
    paths = sorted(slices.iterdir())
    prototype(paths[0], tmp_path / "warm.png")
    theirs, ours = [], []
    for i in range(ROUNDS):
        theirs += [cpu_ms(prototype, path, tmp_path / "x.png") for path in paths[4 * i : 4 * i + 4]]
        ours.append(cpu_ms(convert_folder, slices, BAR, tmp_path / f"ours{i}", jobs=1) / BARS)
    theirs_ms, ours_ms = statistics.median(theirs), statistics.median(ours)
    with capsys.disabled():
        print(f"\nprototype {theirs_ms:.0f} ms a bar, ours {ours_ms:.1f} ms: {theirs_ms / ours_ms:.0f} times as fast")


def test_time_and_memory_by_number_of_slices(tmp_path, capsys):
    beat = resample(bar.render(1), 82688)[:20671]
    for count in (100, 1000, 10_000):
        folder = tmp_path / str(count)
        folder.mkdir()
        for i in range(count):
            soundfile.write(folder / f"{i:05d}.wav", np.roll(beat, i), 44100, subtype="PCM_16")
        seconds, megabytes = _measure(folder, tmp_path / f"data{count}")
        with capsys.disabled():
            print(f"\n{count} slices: {1000 * seconds / count:.1f} ms a slice, {megabytes:.0f} MB", end="", flush=True)


def _measure(folder, target):
    """Return the duration, s, and the peak memory, MB, of a conversion with two worker processes, all included."""
    command = [
        sys.executable,
        "-m",
        "app",
        "dataset",
        "convert",
        str(folder),
        "-f",
        "beat",
        "-o",
        str(target),
        "-j",
        "2",
    ]
    start, most = time.perf_counter(), 0
    process = psutil.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None:
        try:
            most = max(most, sum(p.memory_info().rss for p in (process, *process.children(recursive=True))))
        except psutil.NoSuchProcess:
            continue
        time.sleep(0.1)
    assert process.returncode == 0
    return time.perf_counter() - start, most / 1e6
