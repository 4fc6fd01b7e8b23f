"""Tests of the messages of the Max patches, without Max."""

import pytest

from technogan.osc.ports import DEFAULT_PORT, DEFAULT_REPLY_PORT, LOOPBACK
from tests.clients.max_files import CONTENTS, PERFORMANCE, SAMPLER
from tests.clients.max_files import NETWORK_SCOPE as SCOPE
from tests.clients.max_machine import Machine

SEED = tuple(float(value) for value in range(-32, 32))
OTHER = tuple(-value for value in SEED)
SHORT, LONG = "C:/loops/a single1-000001.wav", "C:/loops/fade3.wav"
LENGTHS_MS = {SHORT: 468.75, LONG: 4 * 1875.0}


@pytest.fixture(params=[(name, backwards) for name in SCOPE for backwards in (False, True)], ids=str)
def patch(request) -> Machine:
    name, backwards = request.param
    machine = Machine(CONTENTS[name], LENGTHS_MS, scope=SCOPE[name], backwards=backwards)
    machine.start()
    machine.sent.clear()
    return machine


def outgoing(patch: Machine) -> list:
    return patch.sent.pop(f"udpsend {LOOPBACK} {DEFAULT_PORT}", [])


def answer(patch: Machine, *message) -> None:
    port = DEFAULT_REPLY_PORT if patch.scope == "---" else 10121
    patch.give(f"udpreceive {port}", *message)


def fill(patch: Machine, slot: int, seed, path: str = SHORT) -> None:
    patch.do("seed", *seed)
    press(patch, slot, "generate")
    answer(patch, "/ccret/wav_id", slot, path, "Generated")
    outgoing(patch)


def press(patch: Machine, slot: int, label: str) -> None:
    patch.press(label, slot - 1)


def test_opening_registers_and_requests_the_status(patch):
    port = DEFAULT_REPLY_PORT if patch.scope == "---" else 10121
    patch.start()
    assert ("/cc/register", port) in outgoing(patch)
    patch.sent.clear()
    patch.do("reply_port", 4711)
    assert patch.sent[f"udpreceive {port}"] == [("port", 4711)]
    assert set(outgoing(patch)) == {("/cc/register", 4711), ("/cc/status",)}


@pytest.mark.parametrize(("dialect", "prefix"), [(0, "/cc"), (1, "/gg")])
def test_generate_sends_the_id_and_the_sliders_in_either_dialect(dialect, prefix, patch):
    patch.do("dialect", dialect)
    patch.do("seed", *SEED)
    press(patch, 5, "generate")
    assert outgoing(patch) == [(f"{prefix}/generate_single_wav_id", 5, *SEED)]


def test_answers_of_both_dialects_go_to_the_requesting_slot(patch):
    answer(patch, "/ccret/wav_id", 2, SHORT, "Generated single in 0.1 sec.")
    answer(patch, "/ggret/wav_id", f"2 {SHORT}")
    name = f"buffer~ {patch.scope}2"
    assert (patch.sent[name + "a"], patch.sent[name + "b"]) == ([("replace", SHORT)], [("replace", SHORT)])


def test_new_loop_crossfades_in_sync_with_the_transport(patch):
    patch.send(f"{patch.scope}bpm", (128.0,))
    answer(patch, "/ccret/wav_id", 1, SHORT, "")
    answer(patch, "/ccret/wav_id", 1, LONG, "")
    periods = patch.sent["phasor~ @frequency 480 ticks @lock 1"]
    assert periods == [("frequency", 480, "ticks"), ("frequency", 16 * 480, "ticks")]
    fades = [value for value in patch.sent["line~ 0."] if value[1] == 20]
    assert sorted(fades) == [(0.0, 20), (0.0, 20), (1.0, 20), (1.0, 20)]


@pytest.mark.parametrize("kind", ["fade", "pingpong"])
def test_morph_sends_id_steps_and_both_seeds(kind, patch):
    fill(patch, 1, SEED)
    fill(patch, 2, OTHER)
    patch.do("morph_steps", 8)
    patch.press(kind)
    assert outgoing(patch) == [(f"/cc/generate_{kind}", 3, 8, *SEED, *OTHER)]
    answer(patch, "/ccret/wav_id", 3, LONG, "")
    press(patch, 3, "recall")
    assert patch.sent["seed"][-1] == (OTHER if kind == "fade" else SEED)


def test_morph_accepts_the_sliders_but_not_an_empty_slot(patch):
    fill(patch, 2, OTHER)
    patch.do("seed", *SEED)
    patch.do("morph_a", 0)
    patch.press("fade")
    assert outgoing(patch) == [("/cc/generate_fade", 3, 4, *SEED, *OTHER)]
    patch.do("morph_b", 7)
    patch.press("fade")
    assert outgoing(patch) == []
    assert ("set", "a", "slot", "of", "this", "morph", "is", "empty") in [
        *patch.sent["comment"],
        *patch.sent["live.comment"],
    ]


def test_renew_requests_every_slot_with_a_seed_again(patch):
    fill(patch, 1, SEED)
    fill(patch, 4, OTHER)
    patch.press("renew")
    assert sorted(outgoing(patch)) == [
        ("/cc/generate_single_wav_id", 1, *SEED),
        ("/cc/generate_single_wav_id", 4, *OTHER),
    ]


def test_recalled_scene_loads_file_and_seed(patch):
    patch.do("slot_6_values", *SEED)
    patch.do("slot_6_file", LONG)
    assert patch.sent[f"buffer~ {patch.scope}6a"] == [("replace", LONG)]
    press(patch, 6, "recall")
    assert patch.sent["seed"][-1] == SEED


def test_empty_memory_loads_nothing(patch):
    patch.do("slot_6_file", 0)
    patch.do("slot_6_values", 0)
    press(patch, 6, "recall")
    assert patch.sent[f"buffer~ {patch.scope}6a"] == []
    assert patch.sent["seed"] == []


@pytest.mark.parametrize(
    ("moves", "gains"),
    [
        ({}, (1.0, 1.0)),
        ({"slot_1_level": 0.5}, (0.25, 1.0)),
        ({"slot_1_mute": 1}, (0.0, 1.0)),
        ({"slot_2_solo": 1}, (0.0, 1.0)),
        ({"slot_1_solo": 1, "slot_2_solo": 1}, (1.0, 1.0)),
        ({"slot_2_solo": 1, "slot_2_mute": 1}, (0.0, 0.0)),
    ],
    ids=str,
)
def test_level_mute_and_solo_set_the_gain(moves, gains, patch):
    for slot in (1, 2):
        patch.do(f"slot_{slot}_level", 1.0)
    for name, value in moves.items():
        patch.do(name, value)
    assert tuple(patch.last(f"p_slot-{slot}", "pack 0. 20")[0] for slot in (1, 2)) == gains


def test_random_sends_64_values_within_the_range(patch):
    patch.press("random")
    (seed,) = patch.sent["seed"]
    assert len(seed) == 64
    assert all(-128 <= value <= 127 for value in seed)


def test_notes_gate_slots_if_notes_are_on():
    patch = Machine(CONTENTS[SAMPLER], LENGTHS_MS, scope="---")
    patch.do("slot_1_level", 1.0)
    patch.do("notes", 1)
    gains = [patch.last("p_slot-1", "pack 0. 20")[0]]
    for velocity in (100, 0):
        patch.give("notein", velocity, outlet=1)
        patch.give("notein", 36)
        gains.append(patch.last("p_slot-1", "pack 0. 20")[0])
    assert gains == [0, 1, 0]


def test_scenes_are_stored_and_recalled_by_number():
    patch = Machine(CONTENTS[PERFORMANCE], LENGTHS_MS, scope="technogan-")
    patch.start()
    patch.press("store")
    patch.press("recall", 8)  # after those of the eight slots
    assert patch.sent["pattrstorage technogan-scenes"] == [("store", 1), ("recall", 1)]
