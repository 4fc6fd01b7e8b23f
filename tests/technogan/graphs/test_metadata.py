import io
import os
import tracemalloc

import numpy as np
import onnx
import pytest

from technogan.errors import BundleError
from technogan.graphs.metadata import graph_digest, metadata_of, read_metadata, with_metadata
from tests.networks import tiny_network

NETWORK = tiny_network()


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"a": "b"},
        {"key": "", "": "value"},
        {"spec": '{"name": "Räuberhöhle"}', "long": "x" * 127, "longer": "y" * 128, "longest": "z" * 20_000},
    ],
)
def test_metadata_survives_the_file(metadata):
    assert metadata_of(with_metadata(NETWORK, metadata)) == metadata


def test_the_onnx_package_reads_what_it_writes():
    model = onnx.load_model_from_string(with_metadata(NETWORK, {"a": "1", "b": "ü"}))
    onnx.checker.check_model(model)
    assert [(entry.key, entry.value) for entry in model.metadata_props] == [("a", "1"), ("b", "ü")]


def test_it_reads_what_the_onnx_package_writes(tmp_path):
    model = onnx.load_model_from_string(NETWORK)
    onnx.helper.set_model_props(model, {"a": "1", "b": "ü"})
    onnx.save(model, tmp_path / "m.onnx")
    assert read_metadata(tmp_path / "m.onnx") == {"a": "1", "b": "ü"}


def test_known_keys_are_replaced_and_others_kept():
    once = with_metadata(NETWORK, {"other": "kept", "ours": "old"})
    again = with_metadata(once, {"ours": "new", "last": "!"})
    assert list(metadata_of(again).items()) == [("other", "kept"), ("ours", "new"), ("last", "!")]
    assert len(onnx.load_model_from_string(again).metadata_props) == 3


def test_metadata_anywhere_in_the_file_is_found():
    metadata = with_metadata(NETWORK, {"a": "1"})[len(NETWORK) :]
    assert metadata_of(metadata + NETWORK) == {"a": "1"}


def test_setting_the_same_metadata_changes_nothing():
    once = with_metadata(NETWORK, {"a": "1"})
    assert with_metadata(once, {"a": "1"}) == once


def test_the_digest_ignores_metadata():
    assert graph_digest(with_metadata(NETWORK, {"a": "1"})) == graph_digest(NETWORK)


@pytest.mark.parametrize("position", range(0, len(NETWORK), len(NETWORK) // 25))
def test_the_digest_detects_flipped_bits(position):
    damaged = bytearray(NETWORK)
    damaged[position] ^= 1
    try:
        digest = graph_digest(bytes(damaged))
    except BundleError:
        return
    assert digest != graph_digest(NETWORK)


BAD = {
    "empty": (b"", "the file is empty"),
    "text": (b"Hello, I am a text file and not a network.\n" * 5, "not an ONNX model"),
    "zeros": (bytes(100), "not an ONNX model"),
    "png": (b"\x89PNG\r\n\x1a\n" + bytes(50), "not an ONNX model"),
    "wav": (b"RIFF\x24\x00\x00\x00WAVEfmt ", "not an ONNX model"),
    "json": (b'{"name": "bar"}', "not an ONNX model"),
    "endless number": (b"\x08" + b"\xff" * 50, "not an ONNX model"),
    "huge length": (b"\x3a" + b"\xff" * 9 + b"\x01" + b"abc", "truncated"),
    "group": (b"\x08\x08\x3b", "not an ONNX model"),
    "no network": (b"\x08\x08", "it contains no network"),
    "number for a network": (b"\x08\x08\x38\x01", "not an ONNX model"),
    "metadata cut inside": (NETWORK + b"\x72\x04\x0a\x7fab", "metadata is damaged"),
    "metadata not text": (NETWORK + b"\x72\x04\x0a\x02\xff\xfe", "metadata is damaged"),
    "tail": (NETWORK + b"\x72\x7f", "truncated"),
}


@pytest.mark.parametrize(("data", "reason"), BAD.values(), ids=BAD.keys())
def test_other_files_are_refused_with_a_reason(tmp_path, data, reason):
    path = tmp_path / "bad.onnx"
    path.write_bytes(data)
    with pytest.raises(BundleError, match=reason) as caught:
        read_metadata(path)
    assert caught.value.path == path
    with pytest.raises(BundleError, match=reason):
        with_metadata(data, {"a": "1"})


@pytest.mark.parametrize("length", [*range(1, 60), *range(60, len(NETWORK), len(NETWORK) // 20), len(NETWORK) - 1])
def test_a_truncated_file_is_recognised(length):
    """Only a cut between two outer fields, before or after the network, goes unnoticed; it loses the metadata."""
    data = with_metadata(NETWORK, {"ours": "1"})[:length]
    try:
        metadata = metadata_of(data)
    except BundleError:
        return
    assert "ours" not in metadata


@pytest.mark.parametrize("random_seed", range(50))
def test_random_bytes_raise_only_bundle_errors(random_seed):
    data = np.random.default_rng(random_seed).bytes(200)
    with pytest.raises(BundleError):
        metadata_of(data)


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(BundleError, match="no such file"):
        read_metadata(tmp_path / "none.onnx")


def test_a_folder_is_an_error(tmp_path):
    with pytest.raises(BundleError, match="a folder"):
        read_metadata(tmp_path)


def test_an_impossible_name_is_an_error(tmp_path):
    with pytest.raises(BundleError):
        read_metadata(tmp_path / "a\0b.onnx")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "pipe.onnx")
    with pytest.raises(BundleError, match="not a regular file"):
        read_metadata(tmp_path / "pipe.onnx")


def test_a_file_without_read_permission_is_an_error(tmp_path, monkeypatch):
    path = tmp_path / "mine.onnx"
    path.write_bytes(NETWORK)

    def refuse(*arguments, **options):
        raise PermissionError(13, "no")

    monkeypatch.setattr(type(path), "open", refuse)
    with pytest.raises(BundleError, match="permission denied"):
        read_metadata(path)


def test_the_network_is_not_read(tmp_path):
    size = 1 << 26
    start = b"\x08\x08\x3a" + b"\x80\x80\x80\x20"  # a network of 2 ** 26 bytes follows
    path = tmp_path / "large.onnx"
    with path.open("wb") as file:
        file.write(start)
        file.truncate(len(start) + size)
        file.seek(0, io.SEEK_END)
        file.write(with_metadata(NETWORK, {"a": "1"})[len(NETWORK) :])
    tracemalloc.start()
    try:
        assert read_metadata(path) == {"a": "1"}
        assert tracemalloc.get_traced_memory()[1] < size / 100
    finally:
        tracemalloc.stop()


def test_a_file_of_countless_fields_is_refused_at_once(tmp_path):
    (tmp_path / "m.onnx").write_bytes(NETWORK + b"\x08\x08" * 1_000_000)
    with pytest.raises(BundleError, match="more than 16384 fields"):
        read_metadata(tmp_path / "m.onnx")


def test_a_huge_entry_is_refused_unread(tmp_path):
    path = tmp_path / "m.onnx"
    with path.open("wb") as file:
        file.write(NETWORK + b"\x72\x80\x80\x80\x80\x08")  # an entry of 2 GB
        file.truncate(file.tell() + (1 << 31))
    with pytest.raises(BundleError, match="an entry of the metadata has 2147483648 bytes"):
        read_metadata(path)
