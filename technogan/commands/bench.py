"""technogan bench: how fast this machine turns seeds into loops, beside the prototype's method, in one run.

The prototype's method is rebuilt from its documentation: its network layout (random weights) through ONNX Runtime
with default options, the image cut to 8 bits, librosa's Griffin-Lim with 32 iterations in double, pieces of a fade
one after another. Both ways take turns, so that whatever else the machine does falls on both. Needs the development
extra (librosa, onnx, psutil).
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from technogan.errors import TechnoganError

if TYPE_CHECKING:
    from technogan.arrays import FloatArray
    from technogan.engine import Engine
    from technogan.formats import SpectrogramFormat
    from technogan.sound.loop import Loop

FADE_STEPS = 16
_ITERATIONS = 32
_FORMATS = ("beat", "half", "bar")


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison: times in ms, medians; spectral convergence in dB, the lower the closer to the picture."""

    what: str
    prototype_ms: float
    ours_ms: float
    prototype_db: float
    ours_db: float

    @property
    def ratio(self) -> float:
        """How many times faster ours is."""
        return self.prototype_ms / self.ours_ms


def bench(
    quick: Annotated[bool, typer.Option("--quick", help="The beat format only, few repetitions.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Measure speed and quality on this machine, beside the prototype's method."""
    _require("librosa", "onnx", "psutil")
    rows = []
    for row in _rows(("beat",) if quick else _FORMATS, 3 if quick else 9):
        rows.append(row)
        if not as_json:
            print(_line(row), flush=True)
    starts = _starts()
    if as_json:
        print(json.dumps({"rows": [asdict(row) | {"ratio": row.ratio} for row in rows], "processes": starts}, indent=2))
        return
    for name, figures in starts.items():
        print(f"{name:46} {figures['seconds']:6.2f} s {figures['megabytes']:6.0f} MB")


def _rows(formats: tuple[str, ...], repeats: int) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        for name in formats:
            prototype, imported = _same_network(name, Path(folder))
            yield _single(f"{name}, the prototype's network", prototype, imported, repeats)
            yield _fade(f"{name}, the prototype's network", prototype, imported)
            ours = _bundled(name)
            if ours is not None:
                yield _reconstruction(name, ours, repeats)
                yield _single(f"{name}, our model", prototype, ours, repeats)
                yield _fade(f"{name}, our model", prototype, ours)


class Prototype:
    """The prototype's way from latents to samples, for one of its networks."""

    def __init__(self, network: bytes, described: SpectrogramFormat) -> None:
        import onnxruntime

        self._session = onnxruntime.InferenceSession(network, providers=["CPUExecutionProvider"])
        self._format = described

    def image(self, latents: FloatArray) -> FloatArray:
        """One image, float32 (n_bins, n_frames), [-1, 1]."""
        out: FloatArray = self._session.run(None, {self._session.get_inputs()[0].name: latents})[0]
        return out.reshape(self._format.n_bins, self._format.n_frames)

    def render(self, latents: FloatArray) -> Any:
        """Samples of one latent, float64, one hop short as the prototype's were."""
        return griffin_lim(eight_bit_magnitude(self.image(latents), self._format))

    def fade(self, latents: FloatArray) -> Any:
        """Samples of several latents, each reconstructed alone, glued together."""
        import numpy as np

        return np.concatenate([self.render(one[np.newaxis]) for one in latents])

    def convergence(self, latents: FloatArray) -> float:
        """How close `fade` comes to its own pictures, joined, in dB; each piece is first padded to its full length."""
        import numpy as np

        from technogan.image import to_magnitude
        from technogan.transforms import transform_of

        transform = transform_of(self._format, len(latents))
        magnitude = np.concatenate([to_magnitude(self.image(one[np.newaxis]), self._format) for one in latents])
        pieces = [self.render(one[np.newaxis]) for one in latents]
        padded = [np.pad(piece, (0, self._format.n_samples - len(piece))) for piece in pieces]
        return _convergence(np.concatenate(padded), transform.from_rows(magnitude), transform)


def eight_bit_magnitude(image: FloatArray, described: SpectrogramFormat) -> Any:
    """Magnitude, float64 (n_bins + 1, n_frames), of an image cut to 8 bits."""
    import numpy as np

    value = np.round(np.clip(image.astype(np.float64) * 127.5 + 127.5, 0, 255)) / 255
    return np.pad(described.scale * value**described.power, ((0, 1), (0, 0)))


def griffin_lim(magnitude: Any) -> Any:
    """Librosa's Griffin-Lim as the prototype called it: 32 iterations, in double. float64 ((n_frames - 1) * hop,)."""
    import librosa

    return librosa.griffinlim(magnitude, n_iter=_ITERATIONS, hop_length=128, n_fft=512, random_state=0)


def interleaved(first: Callable[[], Any], second: Callable[[], Any], repeats: int) -> tuple[float, float]:
    """Median ms of two functions that take turns, after one unmeasured turn each."""
    times: tuple[list[float], list[float]] = ([], [])
    for i in range(repeats + 1):
        for function, found in ((first, times[0]), (second, times[1])):
            start = time.perf_counter()
            function()
            if i:
                found.append(1000 * (time.perf_counter() - start))
    return statistics.median(times[0]), statistics.median(times[1])


def _same_network(name: str, folder: Path) -> tuple[Prototype, Engine]:
    from technogan.formats import find_format
    from technogan.network.prototype import import_prototype, prototype_spec
    from technogan.network.prototype_network import build_prototype_network

    described = find_format(name)
    network = build_prototype_network(described.n_frames)
    source, target = folder / f"{name}-source.onnx", folder / f"{name}.onnx"
    source.write_bytes(network)
    bundle = import_prototype(source, target, prototype_spec(name, name, power=described.power)).bundle
    return Prototype(network, described), _engine(bundle)


def _bundled(name: str) -> Engine | None:
    from technogan.network.library import available_models, bundled_dir

    found = [b for b in available_models() if b.spec.format.name == name and b.path.parent == bundled_dir()]
    return _engine(found[0]) if found else None


def _engine(bundle: Any) -> Engine:
    from technogan.engine import Engine
    from technogan.network.generator import usable_cores

    return Engine(bundle, threads=usable_cores())


def _single(what: str, prototype: Prototype, engine: Engine, repeats: int) -> Row:
    from technogan.seeds.seed import Seed, latents

    seed = Seed.from_integer(1)
    latent = latents([seed])
    times = interleaved(lambda: prototype.render(latent), lambda: engine.render(seed), repeats)
    return Row(
        f"{what}: one loop", *times, prototype.convergence(latent), _own_convergence(engine, engine.render(seed))
    )


def _fade(what: str, prototype: Prototype, engine: Engine) -> Row:
    from technogan.seeds.paths import fade
    from technogan.seeds.seed import Seed, latents

    seeds = fade(Seed.from_integer(1), Seed.from_integer(2), FADE_STEPS)
    batch = latents(seeds)
    times = interleaved(lambda: prototype.fade(batch), lambda: engine.render_sequence(seeds), 1)
    closeness = prototype.convergence(batch), _own_convergence(engine, engine.render_sequence(seeds))
    return Row(f"{what}: fade of {FADE_STEPS}", *times, *closeness)


def _own_convergence(engine: Engine, loop: Loop) -> float:
    from technogan.transforms import transform_of

    transform = transform_of(engine.spec.format, loop.beats // engine.spec.format.beats)
    raw = loop.samples / 10 ** (loop.levels.gain_db / 20)  # levelling is no error of the reconstruction
    return _convergence(raw, transform.from_rows(loop.magnitude), transform)


def _reconstruction(name: str, engine: Engine, repeats: int) -> Row:
    """Phase alone, on pictures of our own model: the prototype's method against ours, time and convergence."""
    from technogan.phase.reconstruction import reconstruct
    from technogan.seeds.seed import Seed
    from technogan.transforms import transform_of

    transform = transform_of(engine.spec.format)
    pictures = [transform.from_rows(engine.render(Seed.from_integer(i)).magnitude) for i in range(8)]
    doubles = [picture.T.astype("float64") for picture in pictures]
    times = interleaved(lambda: griffin_lim(doubles[0]), lambda: reconstruct(pictures[0], transform), repeats)
    theirs = [_convergence(griffin_lim(d), p, transform) for d, p in zip(doubles, pictures, strict=True)]
    ours = [_convergence(reconstruct(p, transform), p, transform) for p in pictures]
    return Row(f"{name}, our model: phase alone", *times, statistics.median(theirs), statistics.median(ours))


def _convergence(samples: Any, magnitude: FloatArray, transform: Any) -> float:
    import numpy as np

    from technogan.phase.reconstruction import spectral_convergence

    padded = np.zeros(transform.n_samples, np.float32)
    padded[: len(samples)] = samples
    return spectral_convergence(padded, magnitude, transform)


def _starts() -> dict[str, dict[str, float]]:
    """Wall time and peak memory of whole processes, from cold."""
    with tempfile.TemporaryDirectory() as folder:
        render = f"import app.cli; app.cli.run(['render', '-m', 'bar', '--seed', '1', '-o', {folder + '/a.wav'!r}])"
        return {
            "technogan --help": _process("import app.cli; app.cli.run(['--help'])"),
            "technogan render, first bar from cold": _process(render),
            "the prototype's imports (librosa, onnxruntime)": _process(
                "import onnxruntime, librosa; librosa.griffinlim"
            ),
        }


def _process(code: str) -> dict[str, float]:
    tail = (
        "\nimport psutil, sys; m = psutil.Process().memory_info()"
        "\nprint(getattr(m, 'peak_wset', m.rss), file=sys.stderr)"
    )
    seconds, memory = [], 0.0
    for _ in range(3):
        start = time.perf_counter()
        done = subprocess.run([sys.executable, "-c", code + tail], capture_output=True, text=True, check=True)
        seconds.append(time.perf_counter() - start)
        memory = float(done.stderr.split()[-1]) / 1e6
    return {"seconds": statistics.median(seconds), "megabytes": memory}


def _require(*modules: str) -> None:
    import importlib.util

    missing = [module for module in modules if importlib.util.find_spec(module) is None]
    if missing:
        raise TechnoganError(f"bench needs {', '.join(missing)}; install TechnoGAN with its dev extra")


def _line(row: Row) -> str:
    decibels = f"   {row.prototype_db:6.1f} dB -> {row.ours_db:6.1f} dB"
    return f"{row.what:46} {row.prototype_ms:9.1f} ms -> {row.ours_ms:8.1f} ms   {row.ratio:5.1f} x{decibels}"
