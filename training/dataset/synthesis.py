"""Writing the synthetic corpus: bars as WAV files, or straight as a dataset. Both go on where they were stopped."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from technogan.arrays import GreyArray
from technogan.atomic import explain, write_whole
from technogan.errors import OutputError, SettingError, SourceError
from technogan.formats import FORMATS, SpectrogramFormat
from technogan.progress import Progress, ignore_progress
from technogan.sound.loop import check_bpm
from technogan.sound.wav import read_comment, write_wav
from training import corpus
from training.corpus import bar
from training.corpus.grid import BPM
from training.dataset.conversion import Tally, images_of
from training.dataset.images import ARRAY, write_header
from training.dataset.manifest import MANIFEST, Manifest, read_manifest
from training.parallel import in_order

_UNFINISHED = ".unfinished.json"
_UNFINISHED_ARRAY = ".unfinished.npy"
# Bars between two notes of how far a dataset is.
_SAVE_EVERY = 64


@dataclass(frozen=True, slots=True)
class Selection:
    """Which bars of the corpus: `bars` seeds from `first_seed` on, all in one style or each in its own."""

    bars: int
    first_seed: int = 0
    style: str | None = None

    def __post_init__(self) -> None:
        if self.bars < 1:
            raise SettingError("bars", self.bars, "1 or more")
        if self.first_seed < 0:
            raise SettingError("seed", self.first_seed, "0 or more")
        if self.style is not None:
            bar.style_named(self.style)

    @property
    def seeds(self) -> range:
        """In order."""
        return range(self.first_seed, self.first_seed + self.bars)

    def to_dict(self) -> dict[str, Any]:
        """What a manifest says of it."""
        return {
            "corpus": corpus.VERSION,
            "first_seed": self.first_seed,
            "bars": self.bars,
            "style": self.style or "all",
            "licence": "CC0-1.0",
        }


def write_bars(
    selection: Selection,
    folder: Path,
    *,
    bpm: float = BPM,
    jobs: int | None = None,
    progress: Progress = ignore_progress,
) -> list[Path]:
    """Write bars as 24-bit WAV files with loop points and tempo; those that are there already stay.

    Raises OutputError, and SettingError for a tempo that makes no sense.
    """
    check_bpm(bpm)
    paths = []
    work = partial(_write_bar, style=selection.style, folder=folder, bpm=bpm)
    for path in in_order(work, selection.seeds, jobs=jobs):
        paths.append(path)
        progress(len(paths))
    return paths


def write_dataset(
    selection: Selection,
    spectrogram_format: SpectrogramFormat,
    folder: Path,
    *,
    jobs: int | None = None,
    progress: Progress = ignore_progress,
) -> Manifest:
    """Write the bars' images as a dataset, stored as an array; where a bar holds several of the format, one by one.

    Raises OutputError, also where the folder holds another dataset.
    """
    settings = {"format": spectrogram_format.to_dict(), "origin": selection.to_dict()}
    if (folder / MANIFEST).exists():
        return _present(folder, settings)
    state = _State.found(folder, settings)
    per_bar = FORMATS["bar"].n_samples // spectrogram_format.n_samples
    shape = (per_bar * selection.bars, spectrogram_format.n_bins, spectrogram_format.n_frames)
    _fill(selection, spectrogram_format, folder, state, shape, jobs, progress)
    try:
        (folder / _UNFINISHED_ARRAY).replace(folder / ARRAY)
    except OSError as error:
        raise OutputError(folder / ARRAY, explain(error)) from error
    manifest = Manifest(spectrogram_format, "array", shape[0], selection.to_dict(), state.tally.summary())
    manifest.save(folder)
    (folder / _UNFINISHED).unlink(missing_ok=True)
    return manifest


@dataclass(slots=True)
class _State:
    """How far an unfinished dataset is; beside it lies the array with the images so far."""

    settings: dict[str, Any]
    bars: int = 0
    tally: Tally = field(default_factory=Tally)

    @classmethod
    def found(cls, folder: Path, settings: dict[str, Any]) -> _State:
        path = folder / _UNFINISHED
        if not path.exists() or not (folder / _UNFINISHED_ARRAY).exists():
            return cls(settings)
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            state = cls(values["settings"], values["bars"], Tally.from_dict(values["tally"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SourceError(path, f"cannot go on from it ({error}); delete it to begin anew") from error
        if state.settings != settings:
            raise OutputError(folder, "another, unfinished dataset is there; choose another folder or delete it")
        size = settings["format"]["n_bins"] * settings["format"]["n_frames"]
        # After a power cut the note may be newer than the images.
        whole = (folder / _UNFINISHED_ARRAY).stat().st_size >= state.tally.images * size
        return state if whole else cls(settings)

    def save(self, folder: Path) -> None:
        values = {"settings": self.settings, "bars": self.bars, "tally": self.tally.to_dict()}
        write_whole(folder / _UNFINISHED, json.dumps(values).encode())


def _fill(
    selection: Selection,
    spectrogram_format: SpectrogramFormat,
    folder: Path,
    state: _State,
    shape: tuple[int, ...],
    jobs: int | None,
    progress: Progress,
) -> None:
    work = partial(_images_of_bar, style=selection.style, spectrogram_format=spectrogram_format)
    left = selection.seeds[state.bars :]
    image_bytes = shape[1] * shape[2]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / _UNFINISHED_ARRAY).open("r+b" if state.bars else "wb") as file:
            write_header(file, shape)
            # What was written after the last note of how far it is, is written again.
            file.seek(file.tell() + state.tally.images * image_bytes)
            file.truncate()
            for images, tally in in_order(work, left, jobs=jobs):
                file.write(images.tobytes())
                state.tally.add(tally)
                state.bars += 1
                if state.bars % _SAVE_EVERY == 0 or state.bars == selection.bars:
                    file.flush()
                    state.save(folder)
                progress(state.bars)
    except OSError as error:
        raise OutputError(folder, explain(error)) from error


def _present(folder: Path, settings: dict[str, Any]) -> Manifest:
    manifest = read_manifest(folder)
    if {"format": manifest.format.to_dict(), "origin": manifest.origin} != settings:
        raise OutputError(folder, "another dataset is there; choose another folder")
    return manifest


def _images_of_bar(seed: int, *, style: str | None, spectrogram_format: SpectrogramFormat) -> tuple[GreyArray, Tally]:
    return images_of(bar.render(seed, bar.style_named(style) if style else None), spectrogram_format)


def _write_bar(seed: int, *, style: str | None, folder: Path, bpm: float) -> Path:
    chosen = bar.style_named(style) if style else bar.style_of(seed)
    path = folder / f"bar-{seed:06d}-{chosen.name}.wav"
    comment = f"TechnoGAN corpus {corpus.VERSION}, seed {seed}, style {chosen.name}, {bpm:g} bpm"
    if path.exists() and read_comment(path) == comment:
        return path
    write_wav(path, bar.render(seed, chosen), round(FORMATS["bar"].sample_rate(bpm)), bpm=bpm, beats=4, comment=comment)
    return path
