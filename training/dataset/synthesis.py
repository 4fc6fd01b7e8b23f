"""Write bars of the synthetic corpus as WAV files or as a dataset; a second run resumes."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Self

from technogan.arrays import GreyArray
from technogan.atomic import explain, write_atomically
from technogan.errors import OutputError, SettingError, SourceError, SpecError
from technogan.formats import FORMATS, SpectrogramFormat, image_shape
from technogan.progress import Progress, ignore_progress
from technogan.records import read_json, read_record
from technogan.sound.loop import check_bpm
from technogan.sound.wav import read_comment, write_wav
from training import corpus
from training.corpus import bar
from training.corpus.grid import BPM
from training.dataset.conversion import Tally, images_of, images_of_stems
from training.dataset.images import ARRAY, write_header
from training.dataset.manifest import MANIFEST, Manifest, read_manifest
from training.parallel import map_in_order

_UNFINISHED = ".unfinished.json"
_UNFINISHED_ARRAY = ".unfinished.npy"
# Bars between two saves of the progress.
_SAVE_EVERY = 64


@dataclass(frozen=True, slots=True)
class Selection:
    """A selection of bars: `bars` seeds from `first_seed` on, in one style, or each in its own if None."""

    bars: int
    first_seed: int = 0
    style: str | None = None

    def __post_init__(self) -> None:
        if self.bars < 1:
            raise SettingError("bars", self.bars, "1 or more")
        if self.first_seed < 0:
            raise SettingError("seed", self.first_seed, "0 or more")
        if self.style is not None:
            bar.find_style(self.style)

    @property
    def seeds(self) -> range:
        """The seeds in order."""
        return range(self.first_seed, self.first_seed + self.bars)

    def to_dict(self) -> dict[str, Any]:
        """Return the origin for a manifest."""
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
    """Write bars as 24-bit WAV files with loop points and tempo, and keep those that exist already.

    Raises OutputError, and SettingError for an impossible tempo.
    """
    check_bpm(bpm)
    paths = []
    work = partial(_write_bar, style=selection.style, folder=folder, bpm=bpm)
    for path in map_in_order(work, selection.seeds, jobs=jobs):
        paths.append(path)
        progress(len(paths), selection.bars)
    return paths


def write_dataset(
    selection: Selection,
    spectrogram_format: SpectrogramFormat,
    folder: Path,
    *,
    jobs: int | None = None,
    stems: bool = False,
    progress: Progress = ignore_progress,
) -> Manifest:
    """Write the images of bars, one or several per bar, as a dataset in an array.

    Args:
        selection: the bars.
        spectrogram_format: the format of the images.
        folder: the dataset.
        jobs: number of processes; by default one per core.
        stems: write an image of each stem instead of one of the whole sound.
        progress: called with the number of bars done, and of all.

    Raises:
        OutputError: a file cannot be written, or the folder contains another dataset.
    """
    names = corpus.STEMS if stems else ()
    settings = {"format": spectrogram_format.to_dict(), "origin": selection.to_dict(), "stems": list(names)}
    if (folder / MANIFEST).exists():
        return _read_finished(folder, settings)
    state = _UnfinishedDataset.resume(folder, settings)
    per_bar = FORMATS["bar"].n_samples // spectrogram_format.n_samples
    shape = (per_bar * selection.bars, *image_shape(spectrogram_format, names))
    work = partial(_images_of_bar, style=selection.style, spectrogram_format=spectrogram_format, stems=stems)
    _write_images(selection, work, folder, state, shape, jobs, progress)
    try:
        (folder / _UNFINISHED_ARRAY).replace(folder / ARRAY)
    except OSError as error:
        raise OutputError(folder / ARRAY, explain(error)) from error
    manifest = Manifest(spectrogram_format, "array", shape[0], selection.to_dict(), state.tally.summary(), stems=names)
    manifest.save(folder)
    (folder / _UNFINISHED).unlink(missing_ok=True)
    return manifest


@dataclass(slots=True)
class _UnfinishedDataset:
    """The progress of an unfinished dataset, saved next to the array of its images."""

    settings: Mapping[str, Any]
    bars: int = 0
    tally: Tally = field(default_factory=Tally)

    @classmethod
    def resume(cls, folder: Path, settings: Mapping[str, Any]) -> Self:
        path = folder / _UNFINISHED
        if not path.exists() or not (folder / _UNFINISHED_ARRAY).exists():
            return cls(settings)
        try:
            state = read_record(cls, read_json(path))
        except (OSError, SpecError) as error:
            raise SourceError(path, f"the run cannot resume ({error}); delete the file to start again") from error
        if state.settings != settings:
            raise OutputError(folder, "another, unfinished dataset is there; choose another folder or delete it")
        size = settings["format"]["n_bins"] * settings["format"]["n_frames"] * max(1, len(settings["stems"]))
        # After a power cut, the saved progress may be ahead of the images.
        whole = (folder / _UNFINISHED_ARRAY).stat().st_size >= state.tally.images * size
        return state if whole else cls(settings)

    def save(self, folder: Path) -> None:
        write_atomically(folder / _UNFINISHED, json.dumps(asdict(self)).encode())


def _write_images(
    selection: Selection,
    work: Callable[[int], tuple[GreyArray, Tally]],
    folder: Path,
    state: _UnfinishedDataset,
    shape: tuple[int, ...],
    jobs: int | None,
    progress: Progress,
) -> None:
    remaining = selection.seeds[state.bars :]
    image_bytes = math.prod(shape[1:])
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / _UNFINISHED_ARRAY).open("r+b" if state.bars else "wb") as file:
            write_header(file, shape)
            # Images after the last save of the progress are written again.
            file.seek(file.tell() + state.tally.images * image_bytes)
            file.truncate()
            for images, tally in map_in_order(work, remaining, jobs=jobs):
                file.write(images.tobytes())
                state.tally.add(tally)
                state.bars += 1
                if state.bars % _SAVE_EVERY == 0 or state.bars == selection.bars:
                    file.flush()
                    state.save(folder)
                progress(state.bars, selection.bars)
    except OSError as error:
        raise OutputError(folder, explain(error)) from error


def _read_finished(folder: Path, settings: Mapping[str, Any]) -> Manifest:
    manifest = read_manifest(folder)
    found = {"format": manifest.format.to_dict(), "origin": manifest.origin, "stems": list(manifest.stems)}
    if found != settings:
        raise OutputError(folder, "another dataset is there; choose another folder")
    return manifest


def _images_of_bar(
    seed: int, *, style: str | None, spectrogram_format: SpectrogramFormat, stems: bool
) -> tuple[GreyArray, Tally]:
    chosen = bar.find_style(style) if style else None
    if stems:
        return images_of_stems(bar.render_stems(seed, chosen), spectrogram_format)
    return images_of(bar.render(seed, chosen), spectrogram_format)


def _write_bar(seed: int, *, style: str | None, folder: Path, bpm: float) -> Path:
    chosen = bar.find_style(style) if style else bar.style_of(seed)
    path = folder / f"bar-{seed:06d}-{chosen.name}.wav"
    comment = f"TechnoGAN corpus {corpus.VERSION}, seed {seed}, style {chosen.name}, {bpm:g} bpm"
    if path.exists() and read_comment(path) == comment:
        return path
    write_wav(path, bar.render(seed, chosen), round(FORMATS["bar"].sample_rate(bpm)), bpm=bpm, beats=4, comment=comment)
    return path
