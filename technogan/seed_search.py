"""Find the seed whose loop is nearest to a sound file, a picture or a loop."""

from pathlib import Path

from technogan.arrays import FloatArray
from technogan.errors import SettingError
from technogan.files.picture_source import normalised_image, read_image
from technogan.formats import SpectrogramFormat
from technogan.network.bundle import ModelBundle
from technogan.network.encoder import Encoder, encoder_path
from technogan.network.generator import Generator
from technogan.network.library import DEFAULT_MODEL, find_model
from technogan.network.nearest import NearestSeed, find_nearest_seed
from technogan.progress import Progress, ignore_progress
from technogan.sound.loop import Loop
from technogan.sound.resampling import resample


def nearest_seed(
    source: str | Path | Loop,
    model: str | Path | ModelBundle = DEFAULT_MODEL,
    *,
    steps: int | None = None,
    threads: int | None = None,
    progress: Progress = ignore_progress,
) -> NearestSeed:
    """Find the seed whose loop is nearest to a sound file, a picture or a loop.

    The search is deterministic. It starts from the estimate of the model's encoder if there is one, otherwise from the
    seed with all sliders at 0.

    Args:
        source: path of a sound file that is exactly one loop, path of a PNG of the model's format, or a `Loop`.
        model: name or path of the model, or a `ModelBundle`.
        steps: steps of refinement; by default 2 with an encoder and 4 without.
        threads: threads of the networks; by default one fewer than there are cores.
        progress: called with the share that is done, 0 to 1.

    Returns:
        The seed and its distance, with the distances of the estimate and of random seeds for comparison.

    Raises:
        SourceError: the file cannot be read, is silent or is not one loop.
        SettingError: the loop and the model differ in the number of beats, or `steps` is out of range.
        ModelNotFound: no model has this name.
        BundleError: the model or its encoder cannot be used.
    """
    bundle = model if isinstance(model, ModelBundle) else find_model(model)
    image = _image_of(source, bundle.spec.format)
    encoder = Encoder(bundle, threads=threads) if encoder_path(bundle.path).exists() else None
    return find_nearest_seed(image, Generator(bundle, threads=threads), encoder, steps=steps, progress=progress)


def _image_of(source: str | Path | Loop, spectrogram_format: SpectrogramFormat) -> FloatArray:
    if not isinstance(source, Loop):
        return read_image(Path(source), spectrogram_format)
    if source.beats != spectrogram_format.beats:
        raise SettingError("beats", source.beats, f"{spectrogram_format.beats}, as in the model's loops")
    return normalised_image(resample(source.samples, spectrogram_format.n_samples), spectrogram_format)
