"""Every error gets exactly one /error and a /msg of the same text, and the service keeps running."""

import errno
import math
import os
import shutil
import sys
from pathlib import Path

import pytest

from technogan.errors import BundleError, OutputError, SpecMismatch
from technogan.memory_limit import available_bytes
from technogan.osc.packet import MAX_DATAGRAM
from technogan.osc.table import CODES
from technogan.sound.loop import Loop
from tests.osc_bridge import FakeEngine, encoded, oscsend, running, seed

S = seed()
NAN, INF = math.nan, math.inf

# What is sent; the id and the code of the reply.
FAULTS = [
    # unknown
    (("nonsense",), -1, "unknown_command"),
    (("",), -1, "unknown_command"),
    (("*",), -1, "unknown_command"),
    (("is?live",), -1, "unknown_command"),
    (("{isAlive,status}",), -1, "unknown_command"),
    (("isAlive/more",), -1, "unknown_command"),
    (("__class__",), -1, "unknown_command"),
    # number of arguments
    (("isAlive", 1), -1, "wrong_arguments"),
    (("set_target_sr",), -1, "wrong_arguments"),
    (("set_bpm", 1.0, 2.0), -1, "wrong_arguments"),
    (("generate_single_wav", *S[:-1]), 0, "wrong_arguments"),
    (("generate_single_wav",), 0, "wrong_arguments"),
    (("generate_single_wav_id", *S), 1, "wrong_arguments"),
    (("generate_single_wav_id",), -1, "wrong_arguments"),
    (("generate_single_wav_id", 3, *S, 1.0), 3, "wrong_arguments"),
    (("generate_fade", 5, 3, *S, *S, 1.0), None, "wrong_arguments"),
    (("generate_random_fade", 3, *S), 0, "wrong_arguments"),
    (("load_model",), -1, "wrong_arguments"),
    (("cancel",), -1, "wrong_arguments"),
    # types
    (("set_target_sr", "fast"), -1, "wrong_arguments"),
    (("set_bpm", True), -1, "wrong_arguments"),
    (("set_bpm", b"12"), -1, "wrong_arguments"),
    (("set_target_dir", 3), -1, "wrong_arguments"),
    (("load_model", 3), -1, "wrong_arguments"),
    (("sync", None), -1, "wrong_arguments"),
    (("generate_single_wav_id", "3", *S), -1, "wrong_arguments"),
    (("generate_single_wav_id", 3, *S[:-1], "x"), 3, "wrong_arguments"),
    (("generate_single_wav_id", 3, *S[:-1], None), 3, "wrong_arguments"),
    # values
    (("generate_single_wav_id", 3, *S[:-1], NAN), 3, "not_finite"),
    (("generate_single_wav", *S[:-1], -INF), 0, "not_finite"),
    (("generate_random_fade", 3, NAN, *S), 0, "not_finite"),
    (("set_bpm", INF), -1, "not_finite"),
    (("generate_single_wav_id", 3.5, *S), -1, "out_of_range"),
    (("generate_single_wav_id", 1 << 40, *S), -1, "out_of_range"),
    (("generate_fade", 5, 0, *S, *S), 5, "out_of_range"),
    (("generate_fade", 5, 1025, *S, *S), 5, "out_of_range"),
    (("generate_pingpong", 5, -3, *S, *S), 5, "out_of_range"),
    (("generate_random_fade", 3, -1.0, *S), 0, "out_of_range"),
    (("set_bpm", 0.0), -1, "out_of_range"),
    (("set_bpm", 5000), -1, "out_of_range"),
    (("set_target_sr", 0), -1, "out_of_range"),
    (("set_target_sr", -44100), -1, "out_of_range"),
    (("register", 0), -1, "out_of_range"),
    (("register", 70000), -1, "out_of_range"),
    # not allowed
    (("set_target_dir", ""), -1, "not_allowed"),
    (("set_target_dir", "relative/folder"), -1, "not_allowed"),
    (("register", 9000, "203.0.113.7"), -1, "not_allowed"),
    (("register", 9000, "no such host\n"), -1, "not_allowed"),
    (("unregister",), -1, "not_registered"),
    # models
    (("load_model", "nix"), -1, "no_such_model"),
    (("load_model", "../tiny.onnx"), -1, "no_such_model"),
]


def check_error(replies, dialect, name, id, code):
    """Check that there is exactly one /error and one /msg of the same text."""
    error, message = replies
    assert (error.address, error.tags) == (f"/{dialect}ret/error", "siss")
    assert error.arguments[0] == name
    assert error.arguments[2] == code
    assert id is None or error.arguments[1] == id
    assert (message.address, message.tags, message.arguments) == (f"/{dialect}ret/msg", "s", error.arguments[3:])
    assert len(error.arguments[3]) > 10


def check_alive(bridge):
    assert [m.address for m in bridge.client.ask("/cc/generate_single_wav_id", 1, *S)] == ["/ccret/wav_id"]


@pytest.mark.parametrize("dialect", ["cc", "gg"])
def test_each_error_is_reported_once_and_the_service_keeps_running(bridge, dialect):
    for (name, *arguments), id, code in FAULTS:
        check_error(bridge.client.ask(f"/{dialect}/{name}", *arguments), dialect, name, id, code)
        assert code in CODES
    check_alive(bridge)


def test_a_fade_in_the_gg_dialect_needs_an_id(bridge):
    check_error(bridge.client.ask("/gg/generate_fade", 3, *S, *S), "gg", "generate_fade", 3, "wrong_arguments")


def test_an_unknown_address_without_a_dialect_is_answered_in_cc(bridge):
    check_error(bridge.client.ask("/no/such/thing"), "cc", "no/such/thing", -1, "unknown_command")
    check_error(bridge.client.ask("/"), "cc", "", -1, "unknown_command")


def test_liblo_receives_errors(liblo_bridge):
    for tags, values in (
        ("s", ("x",)),
        ("", ()),
        ("ff", (1, 2)),
        ("h", (1 << 40,)),
        ("c", ("x",)),
        ("m", ("00000000",)),
    ):
        oscsend(liblo_bridge.port, "/gg/set_target_sr", tags, *values)
        oscsend(liblo_bridge.port, "/cc/sync", "i", 778)
        error, message = liblo_bridge.dump.until("/ccret/synced", "778")
        assert (error[:2], message[:2]) == (("/ggret/error", "siss"), ("/ggret/msg", "s"))
        assert error[2].startswith('"set_target_sr" -1 "')


def test_partly_readable_messages_are_answered(bridge):
    whole = encoded("/cc/generate_single_wav_id", 3, *S)
    for data in (whole[:-4], whole[:-30], whole[:40], encoded("/cc/set_bpm", 1.0)[:-2], b"/cc/isAlive\0xyz\0"):
        bridge.client.send_bytes(data)
        name = data.split(b"\0")[0].decode().rpartition("/")[2]
        check_error(bridge.client.replies(), "cc", name, None, "wrong_arguments")
    bridge.client.send_bytes(b"/cc/set_bpm\0,I\0\0")
    check_error(bridge.client.replies(), "cc", "set_bpm", -1, "wrong_arguments")
    bridge.client.send_bytes(b"/cc/set_bpm\0,Z\0\0\0\0\0\0")
    check_error(bridge.client.replies(), "cc", "set_bpm", -1, "wrong_arguments")
    bridge.client.send_bytes(b"/cc/set_target_dir\0\0,s\0\0\xff\xfe\0\0")
    check_error(bridge.client.replies(), "cc", "set_target_dir", -1, "wrong_arguments")


def test_other_datagrams_are_not_answered(bridge):
    for data in (b"", b"/", b"abc\0", b"/abc", b"\xff" * 99, b"#bundle\0", b"#bundle\0" + b"\xff" * 40, b"/\xff\xff\0"):
        bridge.client.send_bytes(data)
    assert bridge.client.replies() == []


def test_the_longest_datagram_gets_a_short_reply(bridge):
    bridge.client.send_bytes(b"/cc/" + b"x" * (MAX_DATAGRAM - 12) + b"\0" * 8)
    error, _ = bridge.client.replies()
    assert error.arguments[2] == "unknown_command"
    assert len(error.arguments[0]) <= 200


def test_a_bundle_is_executed_at_once_and_in_order_whatever_its_time(bridge):
    def bundle(time, *elements):
        return b"#bundle\0" + time + b"".join(len(e).to_bytes(4, "big") + e for e in elements)

    alive_, status, sync = encoded("/cc/isAlive"), encoded("/cc/list_models"), encoded("/cc/sync", 5)
    for time in (b"\0" * 7 + b"\1", b"\0" * 8, b"\xff" * 8, b"\x7f" * 8):
        bridge.client.send_bytes(bundle(time, alive_, bundle(b"\xff" * 8, status, alive_), sync))
        addresses = [bridge.client.receive().address for _ in range(4)]
        assert addresses == ["/ccret/alive", "/ccret/models", "/ccret/alive", "/ccret/synced"]
    nested = alive_
    for _ in range(2000):
        nested = bundle(b"\0" * 8, nested)
    bridge.client.send_bytes(nested)
    assert [m.address for m in bridge.client.replies()] == ["/ccret/alive"]


def test_replies_are_never_answered(bridge):
    """Otherwise two bridges could answer each other endlessly."""
    for address in ("/ccret/msg", "/ggret/error", "/ccret/anything"):
        bridge.client.send(address, "x")
    assert bridge.client.replies() == []


def test_an_unusable_model_is_reported(bridge):
    for error in (BundleError(Path("x.onnx"), "is damaged"), SpecMismatch("image", 1, 2)):
        bridge.engine.fail_with = error
        check_error(
            bridge.client.ask("/cc/generate_single_wav_id", 3, *S), "cc", "generate_single_wav_id", 3, "bad_model"
        )
    bridge.engine.fail_with = None
    check_alive(bridge)


def test_a_bug_is_reported(bridge, caplog):
    bridge.engine.fail_with = ZeroDivisionError("division by zero")
    check_error(bridge.client.ask("/cc/generate_single_wav_id", 3, *S), "cc", "generate_single_wav_id", 3, "failed")
    assert "ZeroDivisionError" in caplog.text
    bridge.engine.fail_with = MemoryError()
    check_error(bridge.client.ask("/cc/generate_single_wav_id", 3, *S), "cc", "generate_single_wav_id", 3, "failed")
    bridge.engine.fail_with = None
    check_alive(bridge)


def test_a_seed_for_another_model_is_refused(bridge):
    bridge.client.ask("/cc/load_model", "small")
    check_error(
        bridge.client.ask("/cc/generate_single_wav_id", 3, *S), "cc", "generate_single_wav_id", 3, "wrong_arguments"
    )
    (reply,) = bridge.client.ask("/cc/generate_single_wav_id", 3, *S[:8])
    assert reply.address == "/ccret/wav_id"


def test_a_folder_is_deleted_and_created_again(bridge):
    check_alive(bridge)
    shutil.rmtree(bridge.directory)
    for dialect in ("cc", "gg"):
        check_error(
            bridge.client.ask(f"/{dialect}/generate_single_wav_id", 3, *S),
            dialect,
            "generate_single_wav_id",
            3,
            "cannot_write",
        )
    assert not bridge.directory.exists()
    bridge.directory.mkdir()
    check_alive(bridge)
    shutil.rmtree(bridge.directory)
    bridge.client.ask("/cc/set_target_dir", bridge.directory.as_posix())
    check_alive(bridge)


def test_a_file_in_place_of_the_folder_is_an_error(bridge):
    shutil.rmtree(bridge.directory)
    bridge.directory.write_text("x")
    check_error(
        bridge.client.ask("/cc/generate_single_wav_id", 3, *S), "cc", "generate_single_wav_id", 3, "cannot_write"
    )
    for directory in (bridge.directory, bridge.directory / "below"):
        (error, _) = bridge.client.ask("/cc/set_target_dir", directory.as_posix())
        assert error.arguments[2] == "cannot_write"


def test_a_full_disk_is_reported(bridge, monkeypatch):
    def full(loop, path, **_):
        raise OutputError(path, "the disk is full") from OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Loop, "save", full)
        for dialect in ("cc", "gg"):
            replies = bridge.client.ask(f"/{dialect}/generate_single_wav_id_img", 3, *S)
            check_error(replies, dialect, "generate_single_wav_id_img", 3, "disk_full")
    left = [path.name for path in bridge.directory.iterdir()]
    assert [name for name in left if not name.startswith("single3.")] == []
    check_alive(bridge)


@pytest.mark.skipif(sys.platform != "linux", reason="mounts a small tmpfs, which only Linux has")
def test_a_full_file_system_is_reported(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    if os.geteuid() != 0 or os.system(f"mount -t tmpfs -o size=64k tmpfs {disk} 2>/dev/null") != 0:
        pytest.skip("only root can mount a file system")
    try:
        with running(disk, FakeEngine()) as bridge:
            check_alive(bridge)
            (disk / "ballast").write_bytes(b"x" * (os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize))
            before = sorted(path.name for path in disk.iterdir())
            check_error(bridge.client.ask("/cc/generate_fade", 3, 9, *S, *S), "cc", "generate_fade", 3, "disk_full")
            check_error(
                bridge.client.ask("/gg/generate_single_wav_id", 3, *S), "gg", "generate_single_wav_id", 3, "disk_full"
            )
            assert sorted(path.name for path in disk.iterdir()) == before
            (disk / "ballast").unlink()
            check_alive(bridge)
    finally:
        os.system(f"umount {disk}")


def test_a_sequence_that_does_not_fit_into_memory_is_refused(bridge, monkeypatch):
    monkeypatch.setattr("technogan.memory_limit.available_bytes", lambda: 200_000)
    check_error(bridge.client.ask("/cc/generate_fade", 5, 1000, *S, *S), "cc", "generate_fade", 5, "out_of_range")
    assert [m.address for m in bridge.client.ask("/cc/generate_fade", 5, 2, *S, *S)] == ["/ccret/wav_id"]


def test_the_available_memory_is_known_except_on_windows():
    assert sys.platform == "win32" or 1 << 20 < (available_bytes() or 0) < 1 << 50


def test_folders_are_created_only_below_allowed_ones(tmp_path, monkeypatch):
    home, temporary, allowed, other = (tmp_path / name for name in ("home", "tmp", "allowed", "other"))
    for folder in (home, temporary, allowed, other):
        folder.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    with running(tmp_path / "out", allowed=[allowed]) as bridge:
        for folder in (home / "a" / "b", temporary / "c", allowed / "d", other):
            (reply,) = bridge.client.ask("/gg/set_target_dir", folder.as_posix())
            assert reply.arguments == (f"target directory set to: {folder.as_posix()}/",)
            assert folder.is_dir()
        (reply,) = bridge.client.ask("/cc/set_target_dir", "~/new")
        assert reply.arguments == (f"target directory set to: {home.as_posix()}/new/",)
        places = [other / "new", home / ".." / "other" / "new", Path(tmp_path.anchor) / "no"]
        if sys.platform != "win32":  # where links need a privilege
            (home / "link").symlink_to(other)
            places.append(home / "link" / "new")
        for folder in places:
            check_error(
                bridge.client.ask("/cc/set_target_dir", folder.as_posix()), "cc", "set_target_dir", -1, "not_allowed"
            )
        assert list(other.iterdir()) == []
        assert bridge.service.settings.directory == home / "new"
