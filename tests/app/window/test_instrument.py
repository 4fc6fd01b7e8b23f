"""The whole instrument, without a screen and without a sound card, over an engine that needs no network."""

import json
import socket

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from app.controllers.transfer import with_slots
from app.session.session_file import read_session
from app.session.sound_file import read_sound
from app.session.state import Clip, SessionState, Slot, StemMix
from technogan.files.png import write_magnitude
from technogan.formats import find_format
from technogan.osc.ports import LOOPBACK, free_port
from tests.app.fakes import STEMS, loop_of, seed_of
from tests.osc_bridge import Client, seed


def messages_of(instrument):
    return [message.text for message in instrument.window.messages.messages]


def wait_for_loop(qtbot, its):
    """Wait until the live loop is that of the sliders."""
    qtbot.waitUntil(lambda: not its.queue.busy and its.session.loop.origin.seeds[0] == its.session.state.seed)


KEYS = [
    (Qt.Key.Key_R, "", lambda its: its.session.undo_stack.undoText() == "Randomise"),
    (Qt.Key.Key_M, "", lambda its: its.session.undo_stack.undoText() == "Mutate"),
    (Qt.Key.Key_Z, "", lambda its: its.session.state.seed == seed_of(0)),
    (Qt.Key.Key_L, "", lambda its: its.session.state.locked == {0}),
    (Qt.Key.Key_0, "", lambda its: not its.session.state.live.on),
    (Qt.Key.Key_3, "", lambda its: its.session.state.slots[2].clip is not None),
    (Qt.Key.Key_Space, "", lambda its: its.playback.running),
    (Qt.Key.Key_X, "", lambda its: its.session.state.morph.position == 1),
    (Qt.Key.Key_F, "", lambda its: not its.preferences.now.logarithmic),
    (Qt.Key.Key_C, "", lambda its: its.preferences.now.colour_map == "Lagoon"),
    (Qt.Key.Key_A, "", lambda its: not its.window.loop.spectrum.isVisible()),
    (Qt.Key.Key_C, "ctrl", lambda its: QGuiApplication.clipboard().text() == its.transfer.seed_text()),
]


@pytest.mark.parametrize(("key", "modifier", "done"), KEYS)
def test_keys_trigger_actions(its, key, modifier, done):
    its.window.activateWindow()
    QTest.keyClick(its.window, key, Qt.KeyboardModifier.ControlModifier if modifier else Qt.KeyboardModifier.NoModifier)
    assert done(its)


def test_return_clicks_the_focused_button(its):
    its.slots.keep(0)
    its.window.activateWindow()
    mute = its.window.slots.slots[0].mute
    mute.setFocus()
    QTest.keyClick(mute, Qt.Key.Key_Return)
    assert its.session.state.slots[0].muted


def test_the_stems_of_the_live_loop_and_of_slots_are_played(its, qtbot):
    strip = its.window.seed.stems
    assert not strip.isVisible()
    its.live_loop.open_model("stems")
    qtbot.waitUntil(strip.isVisible)
    QTest.mouseClick(strip.switches["kick"], Qt.MouseButton.LeftButton)
    assert its.session.state.live.stems.heard(STEMS) == ("drums", "music")
    its.slots.keep(2)
    slot = its.window.slots.slots[2].stems
    QTest.mouseClick(slot.switches["music"], Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier)
    slot.level_edited.emit("music", -6.0)
    assert its.session.state.slots[2].stems == StemMix().with_level("music", -6.0).with_solo_toggled("music")
    assert [name for name, switch in slot.switches.items() if switch.isChecked()] == ["music"]
    its.live_loop.open_model("beat")
    qtbot.waitUntil(lambda: not strip.isVisible())


def test_stems_are_saved_and_dragged_out_as_files_of_their_own(its, qtbot, tmp_path):
    its.live_loop.open_model("stems")
    qtbot.waitUntil(its.window.seed.stems.isVisible)
    its.slots.keep(0)
    name = its.session.state.slots[0].clip.name
    names = [f"{name} {stem} 128 bpm.wav" for stem in STEMS]
    assert [path.name for path in drag_out(its, qtbot, 0, by_stem=True)] == names
    its.loop_files.save_stems(0, tmp_path / "out")
    qtbot.waitUntil(lambda: any(text.startswith("Saved") for text in messages_of(its)))
    stems = [read_sound(tmp_path / "out" / file, 128.0)[0].samples for file in names]
    (whole,) = drag_out(its, qtbot, 0)
    np.testing.assert_allclose(sum(stems), read_sound(whole, 128.0)[0].samples, atol=1e-4)
    its.loop_files.save_stems(0, tmp_path / "out")
    qtbot.waitUntil(lambda: len(list((tmp_path / "out").glob("*-2.wav"))) == len(STEMS))


def test_a_moved_slider_changes_sound_and_picture(its, qtbot):
    before = its.window.loop.spectrogram.grab().toImage()
    its.window.seed.bars.value_edited.emit(5, 77.0)
    wait_for_loop(qtbot, its)
    assert its.session.loop.origin.seeds[0].values[5] == 77
    qtbot.waitUntil(lambda: its.player.loop_in(0) is its.session.loop)
    qtbot.waitUntil(lambda: its.window.loop.spectrogram.grab().toImage() != before)


def test_the_length_of_the_loop_follows_the_tempo(its):
    assert "0.47 s" in its.window.loop.details.text()
    its.session.set_bpm(64.0)
    assert "0.94 s" in its.window.loop.details.text()


def test_undo_changes_the_sound(its, qtbot):
    first = its.session.state.seed
    its.session.randomise()
    wait_for_loop(qtbot, its)
    QTest.keyClick(its.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    wait_for_loop(qtbot, its)
    assert its.session.loop.origin.seeds[0] == first


def test_without_a_sound_card_loops_are_rendered_and_a_message_says_so(its, qtbot):
    qtbot.waitUntil(lambda: any("No sound" in text for text in messages_of(its)))
    its.slots.keep(0)
    assert its.session.state.slots[0].clip


def test_a_restart_restores_everything(its, start, qtbot):
    its.slots.keep(1)
    its.session.set_bpm(141.0)
    its.preferences.set(theme="Light")
    clip = its.session.state.slots[1].clip
    again = start()
    assert again.session.state.slots[1].clip.name == clip.name
    np.testing.assert_array_equal(again.session.state.slots[1].clip.loop.samples, clip.loop.samples)
    assert (again.session.state.bpm, again.preferences.now.theme) == (141.0, "Light")


def test_a_change_is_saved_within_seconds(its, qtbot, state_folder):
    its.slots.keep(4)
    folder = state_folder / "autosave"
    qtbot.waitUntil(lambda: (folder / "session.json").exists(), timeout=5000)
    qtbot.waitUntil(lambda: read_session(folder).slots[4].clip is not None, timeout=5000)


def test_safe_mode_ignores_what_is_saved(its, start):
    its.session.set_bpm(141.0)
    its.preferences.set(theme="Light")
    again = start(safe=True)
    assert (again.session.state.bpm, again.preferences.now.theme) == (128.0, "Dark")


@pytest.mark.parametrize("kind", ["fade", "pingpong", "walk"])
def test_a_sequence_goes_into_the_first_empty_slot(its, qtbot, kind):
    for i in range(2):
        its.session.randomise()
        wait_for_loop(qtbot, its)
        its.slots.keep(i)
    its.window.morph.sequence_requested.emit(kind)
    qtbot.waitUntil(lambda: its.session.state.slots[2].clip is not None)
    clip = its.session.state.slots[2].clip
    assert (clip.steps, clip.loop.beats) == (8, 8)
    assert its.window.morph.progress.done is None


def test_a_sequence_needs_two_seeds_and_an_empty_slot(its):
    its.window.morph.sequence_requested.emit("fade")
    assert "A and B is" in messages_of(its)[-1]
    for i in range(8):
        its.slots.keep(i)
    its.window.morph.sequence_requested.emit("walk")
    assert "all slots are full" in messages_of(its)[-1]


def test_another_model_can_be_selected(its, qtbot):
    its.window.transport.model.chosen.emit("beat")
    qtbot.waitUntil(lambda: its.session.state.model == "beat" and its.session.loop.origin.model == "beat")
    its.window.transport.model.chosen.emit("gone")
    qtbot.waitUntil(lambda: any("No model named 'gone'" in text for text in messages_of(its)))
    assert its.session.state.model == "beat"


# --- files


def test_a_session_can_be_saved_and_opened(its, qtbot, tmp_path):
    its.slots.keep(0)
    state = its.session.state
    with qtbot.waitSignal(its.transfer.saved):
        its.transfer.save(tmp_path / "set")
    assert its.session.path == tmp_path / "set.technogan"
    assert its.session.is_saved
    its.registry["session.new"].run()
    assert its.session.state.slots[0].clip is None
    with qtbot.waitSignal(its.transfer.opened):
        its.transfer.open(tmp_path / "set.technogan")
    assert its.session.state.seed == state.seed
    assert its.preferences.now.recent == (str(tmp_path / "set.technogan"),)


def test_a_session_with_more_slots_moves_into_the_empty_ones():
    slots = tuple(Slot(Clip(f"clip {i}", loop_of(seed_of(i)))) if i % 2 else Slot() for i in range(20))[:16]
    fitted, lost = with_slots(SessionState(slots=slots), 4)
    assert [getattr(slot.clip, "name", "") for slot in fitted.slots] == ["clip 5", "clip 1", "clip 7", "clip 3"]
    assert lost == ["clip 9", "clip 11", "clip 13", "clip 15"]


def dropped(tmp_path, kind):
    loop, path = loop_of(seed_of(21), beats=4, model="bar"), tmp_path / f"drop.{kind}"
    if kind == "wav":
        loop.save(path)
    elif kind == "png":
        write_magnitude(path, loop.magnitude, find_format("bar"), comment=loop.origin.to_json())
    else:
        path.write_text(json.dumps({"seed": [21] * 64}))
    return str(path)


@pytest.mark.parametrize("kind", ["wav", "png", "json"])
def test_a_dropped_file_restores_its_seed(its, qtbot, tmp_path, kind):
    its.window.dropped.emit([dropped(tmp_path, kind)])
    qtbot.waitUntil(lambda: its.session.state.seed == seed_of(21))


@pytest.mark.parametrize("kind", ["wav", "png"])
def test_a_file_dropped_on_a_slot_loads_its_sound(its, qtbot, tmp_path, kind):
    before = its.session.state.seed
    its.window.slots.slots[6].dropped.emit([dropped(tmp_path, kind)])
    qtbot.waitUntil(lambda: its.session.state.slots[6].clip is not None)
    assert its.session.state.slots[6].clip.seed == seed_of(21)
    assert its.session.state.seed == before


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.txt", b"hello", "cannot be dropped here"),
        ("a.onnx", b"", "models install"),
        ("a.wav", b"RIFF", "cannot be read as sound"),
        ("a.png", b"no picture", "not a picture"),
        ("a.json", b"{}", "is not a seed file"),
        ("a.json", b"[1, 2]", "seed of 64 values, got 2"),
        ("a.technogan", b"PK", "is not a session file"),
        ("", b"", ""),
    ],
)
def test_files_that_cannot_be_loaded_are_reported(its, qtbot, tmp_path, name, content, why):
    path = tmp_path / (name or "no such file.wav")
    if name:
        path.write_bytes(content)
    its.window.dropped.emit([str(path)])
    qtbot.waitUntil(lambda: any(why in text and path.name in text for text in messages_of(its)))


def drag_out(its, qtbot, index, **options):
    """Return the paths of the files that are dragged out."""
    ready: list = []
    its.loop_files.prepare_drag(index, ready.append, **options)
    qtbot.waitUntil(lambda: bool(ready))
    return ready[0]


def test_a_slot_dragged_out_is_a_complete_file(its, start, qtbot):
    its.slots.keep(0)
    (path,) = drag_out(its, qtbot, 0)
    assert path.read_bytes().startswith(b"RIFF")
    assert path.name.endswith(" 128 bpm.wav")
    again: list = []
    its.loop_files.prepare_drag(0, again.append, by_stem=True)
    its.loop_files.prepare_drag(1, again.append)
    assert again == [[path]]  # written before, so at once
    start()
    assert not path.exists()


@pytest.mark.parametrize("text", ["7", ",".join(["21"] * 64), "[" + ", ".join(["21"] * 64) + "]"])
def test_a_seed_can_be_pasted(its, text):
    before = its.session.state.seed
    QGuiApplication.clipboard().setText(text)
    QTest.keyClick(its.window, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert its.session.state.seed != before


@pytest.mark.parametrize("text", ["", "1,2,3", "a" * 200_000, "nan," * 63 + "1"])
def test_text_that_is_not_a_seed_is_not_pasted(its, text):
    before = its.session.state.seed
    QGuiApplication.clipboard().setText(text)
    QTest.keyClick(its.window, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert its.session.state.seed == before
    assert its.window.messages.shown.error


# --- OSC


@pytest.fixture
def client():
    made = Client()
    yield made
    made.close()


@pytest.fixture
def bridged(its, client, qtbot):
    port = free_port()
    its.preferences.set(osc=True, osc_port=port, osc_reply_port=client.port)
    qtbot.waitUntil(lambda: its.bridge.running)
    client.to = (LOOPBACK, port)
    for _ in range(2):
        client.receive()
    return its


def test_a_loop_of_a_client_goes_to_its_slot(bridged, client, qtbot):
    client.ask("/cc/generate_single_wav_id", 3, *seed(5))
    qtbot.waitUntil(lambda: bridged.session.state.slots[2].clip is not None)
    assert bridged.session.state.slots[2].clip.seed.values == tuple(seed(5))
    bridged.session.undo_stack.undo()
    assert bridged.session.state.slots[2].clip is None


def test_a_client_sets_tempo_and_model_of_the_window(bridged, client, qtbot):
    client.ask("/cc/set_bpm", 140.0)
    qtbot.waitUntil(lambda: bridged.window.transport.bpm.value() == 140.0)
    client.ask("/cc/load_model", "beat")
    qtbot.waitUntil(lambda: bridged.session.loop.origin.model == "beat", timeout=10_000)


def test_switching_the_bridge_off_frees_its_port(bridged, client, qtbot):
    port = bridged.preferences.now.osc_port
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, pytest.raises(OSError, match="in use"):
        probe.bind((LOOPBACK, port))
    bridged.osc_window.panel.on.click()
    assert not bridged.bridge.running
    assert bridged.osc.status == "off"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((LOOPBACK, port))


def test_the_monitor_shows_the_last_messages(bridged, client, qtbot):
    bridged.window.transport.osc.clicked.emit()
    client.ask("/cc/isAlive")
    qtbot.waitUntil(lambda: "/cc/isAlive" in bridged.osc_window.panel.log.toPlainText())


# --- faults


def test_a_bug_is_reported_and_loops_are_still_rendered(its, qtbot):
    its.notifications.error(ZeroDivisionError("division by zero"))
    assert "bug in TechnoGAN" in messages_of(its)[-1]
    its.session.randomise()
    wait_for_loop(qtbot, its)


def test_a_failing_autosave_is_reported_once(its, qtbot, state_folder):
    (state_folder / "autosave").mkdir(exist_ok=True)
    for path in (state_folder / "autosave").iterdir():
        if path.is_file():
            path.unlink()
    (state_folder / "autosave" / "session.json").mkdir()
    its.session.randomise()
    qtbot.waitUntil(lambda: any("Autosave failed" in text for text in messages_of(its)), timeout=5000)
    its.session.randomise()
    qtbot.wait(1500)
    assert sum("Autosave failed" in text for text in messages_of(its)) == 1
