"""Tests of the messages between the Node patches and their script; `test_node` tests the script."""

import pytest

from tests.clients.max_files import CONTENTS, NODE_SCOPE
from tests.clients.max_machine import Machine

SEED = tuple(float(value) for value in range(-32, 32))
SCRIPT = "node.script technogan-node.js"
LOOP = "/tmp/TechnoGAN-x/single5-000001.wav"


@pytest.fixture(params=[(name, backwards) for name in NODE_SCOPE for backwards in (False, True)], ids=str)
def patch(request) -> Machine:
    name, backwards = request.param
    return Machine(CONTENTS[name], {LOOP: 1875.0}, scope=NODE_SCOPE[name], backwards=backwards)


def test_opening_the_patch_starts_the_script(patch):
    patch.start()
    assert patch.sent[SCRIPT] == [("script", "start")]


@pytest.mark.parametrize(
    ("label", "message"), [("install", ("script", "npm", "install")), ("start", ("script", "start"))]
)
def test_buttons_control_the_script(label, message, patch):
    patch.press(label)
    assert patch.sent[SCRIPT] == [message]


def test_generate_sends_the_id_and_the_sliders(patch):
    patch.do("seed", *SEED)
    patch.press("generate", 4)
    assert patch.sent[SCRIPT] == [("generate_single_wav_id", 5, *SEED)]


def test_answer_fills_its_slot(patch):
    patch.give(SCRIPT, "wav_id", 5, LOOP, "Generated single in 0.09 sec.")
    assert patch.sent[f"buffer~ {patch.scope}5a"] == [("replace", LOOP)]


def test_chosen_model_is_sent_at_once_and_when_the_script_starts(patch):
    patch.give("conformpath native boot", "/models/bar.audio.onnx")
    told = ("model", "/models/bar.audio.onnx")
    assert patch.sent[SCRIPT] == [told]
    patch.give(SCRIPT, "init")
    assert patch.sent[SCRIPT] == [told, told]


def test_model_name_tempo_and_errors_are_shown(patch):
    heard = []
    patch.send = lambda name, message: heard.append((name, message))
    patch.give(SCRIPT, "status", "0.1.0", "bar", 64, 132.5, 34953, "/tmp/x", 0)
    assert (f"{patch.scope}bpm", (132.5,)) in heard
    patch.give(SCRIPT, "error", "generate_fade", 3, "argument", "steps is 0")
    assert ("set", "steps is 0") in [message for box in patch._boxes for message in box.told]
