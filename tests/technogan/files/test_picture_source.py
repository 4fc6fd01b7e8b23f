import numpy as np
import pytest
import soundfile

from technogan.errors import SourceError
from technogan.files.picture_source import read_image
from technogan.files.png import write_png
from technogan.sound.resampling import resample
from tests.networks import TINY

RATE = 768


@pytest.fixture
def samples(rng):
    """A loop of the format's length, with no content above the lowest sample rate of the tests."""
    return resample(rng.uniform(-0.5, 0.5, 200).astype(np.float32), TINY.n_samples)


def write_sound(path, samples, rate=RATE):
    soundfile.write(path, samples, rate, subtype="FLOAT")
    return path


def test_a_sound_becomes_an_image_of_the_format(tmp_path, samples):
    image = read_image(write_sound(tmp_path / "a.wav", samples), TINY)
    assert image.shape == (TINY.n_bins, TINY.n_frames)
    assert image.dtype == np.float32
    assert (image.min() >= -1, image.max()) == (True, pytest.approx(1))


@pytest.mark.parametrize(
    "other",
    [
        lambda samples: resample(samples, 1003),
        lambda samples: np.float32(0.01) * samples,
        lambda samples: np.float32(20) * samples,
        lambda samples: np.stack([samples, samples], axis=1),
        lambda samples: -samples,
    ],
    ids=["another rate", "quiet", "beyond full scale", "stereo", "upside down"],
)
def test_the_same_loop_in_another_file_gives_the_same_image(tmp_path, samples, other):
    one, two = (
        read_image(write_sound(tmp_path / f"{i}.wav", each), TINY) for i, each in enumerate((samples, other(samples)))
    )
    np.testing.assert_allclose(two, one, atol=0.02)


def test_rotating_a_loop_rotates_its_image(tmp_path, samples):
    turned = np.roll(samples, 10 * TINY.hop_length)
    one, two = (read_image(write_sound(tmp_path / f"{i}.wav", each), TINY) for i, each in enumerate((samples, turned)))
    np.testing.assert_allclose(np.roll(one, 10, axis=1), two, atol=1e-3)


def test_a_picture_is_recognised_whatever_its_name(tmp_path, rng):
    image = rng.uniform(-1, 1, (TINY.n_bins, TINY.n_frames)).astype(np.float32)
    write_png(tmp_path / "picture.dat", image)
    np.testing.assert_allclose(read_image(tmp_path / "picture.dat", TINY), image, atol=1 / 255)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (np.zeros(0), "empty"),
        (np.zeros(TINY.n_samples), "silent"),
        (np.full(TINY.n_samples, np.nan), "NaN or infinity"),
        (np.r_[np.ones(100), np.inf, np.zeros(TINY.n_samples)], "NaN or infinity"),
        (np.ones(RATE * 4), "15.0 BPM for a loop of 1 beat; cut one loop"),
        (np.ones(8), "BPM"),
    ],
    ids=["empty", "silent", "nan", "infinite", "long", "short"],
)
def test_sounds_that_are_not_one_loop_are_refused(tmp_path, content, reason):
    with pytest.raises(SourceError, match=reason):
        read_image(write_sound(tmp_path / "a.wav", content.astype(np.float32)), TINY)


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        (np.full((32, 48), -1), "black"),
        (np.ones((32, 96)), "contains 2 loops"),
        (np.ones((32, 47)), "47 x 32 pixels"),
        (np.ones((33, 48)), "48 x 33 pixels"),
    ],
)
def test_pictures_that_are_not_one_loop_are_refused(tmp_path, image, reason):
    write_png(tmp_path / "a.png", image.astype(np.float32))
    with pytest.raises(SourceError, match=reason):
        read_image(tmp_path / "a.png", TINY)


def test_other_files_are_refused(tmp_path):
    (tmp_path / "text.wav").write_text("not a sound")
    (tmp_path / "half.png").write_bytes(b"\x89PNG\r\n\x1a\nand then")
    for name in ("text.wav", "half.png", "nowhere.wav", "."):
        with pytest.raises(SourceError):
            read_image(tmp_path / name, TINY)


def test_a_truncated_sound_is_refused(tmp_path, samples):
    path = write_sound(tmp_path / "a.wav", samples)
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(SourceError):
        read_image(path, TINY)
