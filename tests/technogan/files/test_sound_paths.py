import os
import sys
from pathlib import Path

import pytest

from technogan.errors import SourceError
from technogan.files.sound_paths import find_sounds_in, list_sounds, read_playlist

needs_links = pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")
SONG = "Café 東.mp3"


@pytest.fixture
def music(tmp_path):
    (tmp_path / "Music").mkdir()
    for name in (SONG, "M\u00fcller 100%.wav", "a b.flac"):
        (tmp_path / "Music" / name).touch()
    return tmp_path


def write(path, data):
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (f"Music/{SONG}", SONG),
        (f"\ufeff#EXTM3U\r\n#EXTINF:1,x\r\n\r\nMusic/{SONG}\r\n", SONG),
        (f"Music\\{SONG}", SONG),
        (f".\\Music\\{SONG}", SONG),
        (f"Music/{SONG}".encode("utf-16"), SONG),
        ("Music/M\u00fcller 100%.wav".encode("cp1252"), "M\u00fcller 100%.wav"),
        ("Music/Caf%C3%A9%20%E6%9D%B1.mp3", SONG),
        ("Music\\M%FCller%20100%25.wav", "M\u00fcller 100%.wav"),
        ("Music/a%20b.flac", "a b.flac"),
        ("  Music/a b.flac \n", "a b.flac"),
    ],
)
def test_playlists_as_players_write_them(music, data, name):
    for suffix in ("m3u", "m3u8"):
        assert read_playlist(write(music / f"list.{suffix}", data)) == [music / "Music" / name]


@pytest.mark.parametrize("prefix", ["file://", "FILE://localhost"])
def test_urls_of_files_are_paths(music, prefix):
    song = music / "Music" / SONG
    url = song.as_uri().removeprefix("file://")
    assert list(map(Path, map(os.fspath, read_playlist(write(music / "a.m3u", prefix + url))))) == [song]


def test_absolute_paths_are_kept(music):
    song = music / "Music" / "a b.flac"
    assert read_playlist(write(music / "a.m3u", str(song))) == [song]


def test_a_pls_playlist_lists_numbered_files(music):
    text = "[playlist]\r\nNumberOfEntries=2\r\nfile2=Music\\a b.flac\r\nTitle2=File1=x\r\nFile1 = Music/a b.flac\r\n"
    assert read_playlist(write(music / "list.PLS", text)) == [music / "Music" / "a b.flac"] * 2


def test_files_that_are_missing_are_listed_as_they_are_written(tmp_path):
    listed = read_playlist(write(tmp_path / "a.m3u", "gone%20away.wav\nhttp://radio.example/stream\nfile:///x%00y.wav"))
    assert listed[0] == tmp_path / "gone%20away.wav"
    assert len(listed) == 3
    assert not any(os.path.exists(path) for path in listed)  # noqa: PTH110


@pytest.mark.skipif(sys.platform != "linux", reason="other systems accept UTF-8 only")
def test_a_name_that_is_not_utf_8_is_found(tmp_path):
    path = tmp_path / os.fsdecode(b"\xfc\x81.wav")
    path.touch()
    assert read_playlist(write(tmp_path / "a.m3u8", b"\xfc\x81.wav")) == [path]


@pytest.mark.parametrize("data", [bytes(100), b"a\0.wav"])
def test_other_files_are_not_playlists(tmp_path, data):
    with pytest.raises(SourceError, match="not a playlist"):
        read_playlist(write(tmp_path / "a.m3u", data))


def test_a_missing_playlist_is_reported(tmp_path):
    with pytest.raises(SourceError, match="no such file"):
        read_playlist(tmp_path / "a.m3u")


def test_folders_of_albums_are_searched(tmp_path):
    for name in ("b/2.wav", "b/disc 2/1.FLAC", "a.mp3", "cover.jpg", ".hidden.wav", ".trash/x.wav", "b/._2.wav"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "folder.wav").mkdir()
    assert list_sounds(tmp_path) == [tmp_path / name for name in ("a.mp3", "b/2.wav", "b/disc 2/1.FLAC")]
    assert list_sounds(tmp_path / "cover.jpg") == [tmp_path / "cover.jpg"]


@needs_links
def test_links_are_followed_once(tmp_path):
    (tmp_path / "album").mkdir()
    (tmp_path / "album" / "1.wav").touch()
    (tmp_path / "music" / "b").mkdir(parents=True)
    (tmp_path / "music" / "linked").symlink_to("../album")
    (tmp_path / "music" / "linked again").symlink_to("../album")
    (tmp_path / "music" / "b" / "up").symlink_to("..")
    (tmp_path / "music" / "b" / "2.wav").symlink_to("../../album/1.wav")
    (tmp_path / "music" / "gone.wav").symlink_to("nowhere")
    (tmp_path / "music" / "self").symlink_to("self")
    assert find_sounds_in(tmp_path / "music") == [tmp_path / "music" / name for name in ("b/2.wav", "linked/1.wav")]
