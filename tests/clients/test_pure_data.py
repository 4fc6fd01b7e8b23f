import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from technogan.sound.wav import write_wav
from tests.clients.bridge_stand_in import BridgeStandIn
from tests.clients.pure_data import PureData, needs_pure_data

pytestmark = needs_pure_data

RATE = 44100
BPM = 120.0
BEAT = 22050
BEATS = {1: 1, 2: 2, 3: 4}
SEED = [float(value) for value in range(-32, 32)]
OTHER = [value / 2 for value in SEED]


def loop_of(beats: int) -> np.ndarray:
    """Return noise below a quarter of the Nyquist frequency, where interpolation errors are small."""
    rng = np.random.default_rng(beats)
    n_samples = beats * BEAT
    spectrum = np.zeros(n_samples // 2 + 1, complex)
    top = n_samples // 8
    spectrum[1:top] = np.exp(2j * np.pi * rng.random(top - 1))
    samples = np.fft.irfft(spectrum)
    return (0.3 * samples / np.abs(samples).max()).astype(np.float32)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pure-data")


@pytest.fixture(scope="module")
def bridge(folder: Path) -> Iterator[BridgeStandIn]:
    loops = {}
    for number, beats in BEATS.items():
        loops[number] = folder / f"a loop {number}.wav"
        write_wav(loops[number], loop_of(beats), RATE, bpm=BPM, beats=beats, subtype="float")
    with BridgeStandIn(loops, bpm=BPM) as stand_in:
        yield stand_in


@pytest.fixture(scope="module")
def patch(bridge: BridgeStandIn, folder: Path) -> Iterator[PureData]:
    """Start the patch once: its state persists between the tests."""
    with PureData(folder, bridge.port) as pure_data:
        pure_data.report("status")
        yield pure_data
    assert pure_data.complaints == []


@pytest.fixture(autouse=True)
def _nothing_left_over(bridge: BridgeStandIn, patch: PureData) -> None:
    bridge.forget()
    patch.forget()


def fill(patch: PureData, slot: int, seed: list[float]) -> list[str]:
    patch.send("seed", *seed)
    patch.send("generate", slot)
    return patch.report("loaded")


def test_registers_its_reply_port_when_a_bridge_starts(bridge, patch):
    bridge.reply("/ccret/init", "OSC Server starting...")
    assert bridge.next("/cc/register") == ("/cc/register", "i", (patch.reply_port,))


def test_generate_sends_the_id_and_the_64_sliders(bridge, patch):
    fill(patch, 1, SEED)
    assert bridge.next("/cc/generate_single_wav_id") == ("/cc/generate_single_wav_id", "i" + 64 * "f", (1, *SEED))


def test_slot_loads_the_answer_and_repeats_its_first_samples_at_the_end(patch):
    number, n_samples, beats, array = fill(patch, 3, SEED)
    assert (number, n_samples, beats) == ("3", str(4 * BEAT), "4")
    loop = loop_of(4)
    np.testing.assert_array_equal(patch.array(array), np.concatenate([loop, loop[:3]]))


@pytest.mark.parametrize("kind", ["fade", "pingpong"])
def test_morph_sends_id_steps_and_both_seeds(kind, bridge, patch):
    fill(patch, 1, SEED)
    fill(patch, 2, OTHER)
    patch.send(kind, 1, 2, 8, 3)
    address = f"/cc/generate_{kind}"
    assert bridge.next(address) == (address, "ii" + 128 * "f", (3, 8, *SEED, *OTHER))
    assert patch.report("loaded")[0] == "3"


@pytest.mark.parametrize("ends", [(7, 1), (1, 7)])
def test_morph_with_an_empty_slot_sends_no_request(ends, bridge, patch):
    fill(patch, 1, SEED)
    patch.send("fade", 1, 1, 8, 3)
    patch.report("loaded")
    bridge.forget()
    patch.send("fade", *ends, 8, 3)
    patch.send("generate", 1)
    patch.report("loaded")
    assert bridge.addresses() == ["/cc/generate_single_wav_id"]


@pytest.mark.parametrize(("kind", "kept"), [("fade", OTHER), ("pingpong", SEED)])
def test_slot_of_a_morph_keeps_its_last_seed(kind, kept, bridge, patch):
    fill(patch, 1, SEED)
    fill(patch, 2, OTHER)
    patch.send(kind, 1, 2, 8, 3)
    patch.report("loaded")
    bridge.next(f"/cc/generate_{kind}")
    patch.send("zero")
    patch.send("fade", 3, 0, 2, 1)
    assert bridge.next("/cc/generate_fade")[2] == (1, 2, *kept, *64 * [0.0])


def test_recall_copies_a_slots_seed_to_the_sliders(bridge, patch):
    fill(patch, 2, OTHER)
    patch.send("zero")
    patch.send("recall", 2)
    patch.send("generate", 1)
    patch.report("loaded")
    assert [bridge.next("/cc/generate_single_wav_id")[2] for _ in range(2)] == [(2, *OTHER), (1, *OTHER)]


def test_random_seeds_are_in_range_and_differ(bridge, patch):
    seeds = []
    for _ in range(2):
        patch.send("random")
        patch.send("generate", 1)
        seeds.append(bridge.next("/cc/generate_single_wav_id")[2][1:])
    assert seeds[0] != seeds[1]
    assert all(-128 <= value <= 127 and value == int(value) for seed in seeds for value in seed)
    assert min(map(min, seeds)) < -64 < 64 < max(map(max, seeds))


def test_error_is_reported_and_the_slot_keeps_its_loop(bridge, patch):
    fill(patch, 1, SEED)
    patch.send("generate", 5)
    assert patch.report("error") == ["/cc/generate_single_wav_id", "5", "failed", "no such loop"]


def test_slots_of_different_lengths_stay_in_sync(patch, folder):
    for slot in BEATS:
        fill(patch, slot, SEED)
        patch.send("level", slot, 1)
        patch.send("mute", slot, int(slot == 2))
    patch.send("master", 1)
    heard = record(patch, folder / "heard.wav", n_frames=5 * BEAT)
    cycle = 4 * BEAT
    start = 2 * BEAT  # the master level and the swap have settled
    part = heard[start : start + BEAT * 2]
    expected = np.tile(loop_of(1), 4) + loop_of(4)
    spectrum = np.fft.rfft(np.resize(np.r_[part, np.zeros(cycle - len(part))], cycle))
    lag = int(np.argmax(np.fft.irfft(spectrum.conj() * np.fft.rfft(expected))))
    aligned = np.roll(expected, -lag)[: len(part)]
    assert np.abs(part - aligned).max() < 0.005


def record(patch: PureData, path: Path, n_frames: int) -> np.ndarray:
    """Return the recorded output from the start of the clock, at least this many frames."""
    patch.send("record", path)
    patch.send("play", 1)
    wait_until(lambda: path.exists() and path.stat().st_size > n_frames * 2 * 3)
    patch.send("play", 0)
    patch.send("stop")
    wait_until(lambda: soundfile.info(path).frames > 0)  # the length is written to the header last
    return soundfile.read(path, dtype="float32")[0][:, 0]


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)
