"""Tests of the Pure Data patch with a real `technogan serve`."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from technogan.engine import Engine
from technogan.network.library import find_model
from technogan.osc.ports import free_port
from technogan.seeds.seed import Seed
from tests.clients.pure_data import PureData, needs_pure_data

pytestmark = needs_pure_data

ROOT = Path(__file__).resolve().parents[2]
SEED = tuple(float(value) for value in range(-32, 32))
OTHER = tuple(-value for value in SEED)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files of the bridge")


@pytest.fixture(scope="module")
def patch(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PureData]:
    port = free_port()
    serve = [sys.executable, "-m", "app", "serve", "--model", "beat", "--dir", str(folder)]
    ports = ["--port", str(port), "--reply-port", str(free_port())]
    with subprocess.Popen([*serve, *ports], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert any("press Ctrl-C" in line for line in process.stdout)
            with PureData(tmp_path_factory.mktemp("pure-data"), port) as pure_data:
                pure_data.report("status")
                yield pure_data
            assert pure_data.complaints == []
        finally:
            process.terminate()


def generate(patch: PureData, slot: int, seed: tuple[float, ...]) -> list[str]:
    patch.send("seed", *seed)
    patch.send("generate", slot)
    return patch.report("loaded")


def test_slot_contains_the_samples_of_the_engine(patch):
    slot, n_samples, beats, array = generate(patch, 1, SEED)
    engine = Engine(find_model("beat"))
    samples = engine.render(Seed(SEED)).samples
    assert (slot, int(n_samples), int(beats)) == ("1", len(samples), engine.spec.format.beats)
    np.testing.assert_allclose(patch.array(array)[: len(samples)], samples, atol=2**-23)


@pytest.mark.parametrize("kind", ["fade", "pingpong"])
def test_morph_fills_its_slot_with_all_its_beats(kind, patch, folder):
    one = int(generate(patch, 1, SEED)[2])
    generate(patch, 2, OTHER)
    patch.send(kind, 1, 2, 3, 3)
    slot, n_samples, beats, array = patch.report("loaded")
    (file,) = folder.glob(f"{kind}*.wav")
    samples, _ = soundfile.read(file, dtype="float32")
    assert (slot, int(n_samples), int(beats)) == ("3", len(samples), 3 * one)
    np.testing.assert_array_equal(patch.array(array)[: len(samples)], samples)
