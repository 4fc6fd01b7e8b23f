"""Reading pictures of all kinds, from friends and from strangers."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from technogan.errors import SourceError
from technogan.files.png import is_png, read_images, read_png, read_png_header, write_png
from technogan.formats import find_format
from technogan.image import from_grey

GREY = (np.arange(64 * 32).reshape(32, 64) % 256).astype(np.uint8)


def write_raw(path, *, size=(64, 32), depth=8, colour=0, data=None):
    """Write a PNG chunk by chunk, so that any header can be given."""
    chunks = [(b"IHDR", struct.pack(">II5B", *size, depth, colour, 0, 0, 0)), (b"IDAT", data or b""), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    return path


def pack(rows):
    return zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows))


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "P"])
def test_pictures_of_every_mode_are_grey(tmp_path, mode):
    Image.fromarray(GREY).convert(mode).save(tmp_path / "a.png")
    np.testing.assert_allclose(read_png(tmp_path / "a.png")[0], from_grey(GREY), atol=1e-6)


def test_16_bits_keep_their_range(tmp_path):
    deep = (GREY.astype(np.uint32) * 257 - 100 * (GREY > 0)).astype(">u2")
    write_raw(tmp_path / "a.png", depth=16, data=pack(deep))
    image = read_png(tmp_path / "a.png")[0]
    np.testing.assert_allclose(image, deep / 32767.5 - 1, atol=1e-6)
    assert image.dtype == np.float32


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_fewer_bits_have_the_same_range(tmp_path, depth):
    levels = np.tile(np.arange(64, dtype=np.uint8) % (1 << depth), (32, 1))
    bits = np.unpackbits(levels[..., np.newaxis], axis=-1)[..., 8 - depth :].reshape(32, -1)
    write_raw(tmp_path / "a.png", depth=depth, data=pack(np.packbits(bits, axis=1)))
    np.testing.assert_allclose(read_png(tmp_path / "a.png")[0], levels / ((1 << depth) - 1) * 2 - 1, atol=1e-6)


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_transparent_pixels_are_black(tmp_path, mode):
    picture = Image.new("L", (64, 32), 255).convert(mode)
    picture.putalpha(Image.fromarray((GREY >= 128).astype(np.uint8) * 255))
    picture.save(tmp_path / "a.png")
    np.testing.assert_array_equal(read_png(tmp_path / "a.png")[0], np.where(GREY >= 128, 1, -1))


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "JPEG", "EPS"])
def test_other_formats_under_the_name_of_a_png_are_refused(tmp_path, kind):
    Image.fromarray(GREY).save(tmp_path / "a.png", kind)
    assert not is_png(tmp_path / "a.png")
    with pytest.raises(SourceError, match="not a picture in PNG format"):
        read_png(tmp_path / "a.png")


def test_a_png_of_another_name_is_read(tmp_path):
    write_png(tmp_path / "a.jpg", from_grey(GREY), comment="mine")
    assert read_png(tmp_path / "a.jpg")[1] == "mine"
    assert read_png_header(tmp_path / "a.jpg").comment == "mine"


@pytest.mark.parametrize("size", [(2**31 - 1, 2**31 - 1), (2**24, 17), (1, 2**29)])
def test_absurd_sizes_are_refused_before_anything_is_decoded(tmp_path, size):
    write_raw(tmp_path / "a.png", size=size)
    with pytest.raises(SourceError, match="too large"):
        read_png(tmp_path / "a.png")


def test_a_size_that_does_not_fit_is_refused_before_anything_is_decoded(tmp_path):
    write_raw(tmp_path / "a.png", size=(2**19, 512), data=b"no pixels")
    with pytest.raises(SourceError, match="524288 x 512 pixels; a picture of format bar"):
        read_images(tmp_path / "a.png", find_format("bar"))


@pytest.mark.parametrize("data", [b"", b"junk", pack(GREY[:3].astype(np.uint8))[:40]])
def test_damaged_pixels_are_reported(tmp_path, data):
    write_raw(tmp_path / "a.png", data=data)
    with pytest.raises(SourceError, match="damaged picture"):
        read_png(tmp_path / "a.png")
