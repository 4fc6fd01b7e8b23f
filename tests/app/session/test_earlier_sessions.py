"""The last ten sessions."""

import os

from app.session.earlier_sessions import MAX_EARLIER, EarlierSessions
from app.session.session_file import read_session
from app.session.state import SessionState


def test_the_last_ten_are_kept_the_newest_first(tmp_path):
    earlier = EarlierSessions(tmp_path / "earlier")
    assert earlier.paths() == []
    for i in range(MAX_EARLIER + 3):
        earlier.keep(SessionState(bpm=100.0 + i))
        newest = earlier.paths()[0]
        os.utime(newest, ns=(i, i))  # the clock of a file system may be coarse
    assert [read_session(path).bpm for path in earlier.paths()] == [112.0 - i for i in range(MAX_EARLIER)]


def test_the_same_session_is_kept_once(tmp_path):
    earlier = EarlierSessions(tmp_path)
    for _ in range(3):
        earlier.keep(SessionState(bpm=99.0))
    assert len(earlier.paths()) == 1


def test_a_damaged_one_is_passed_over(tmp_path):
    earlier = EarlierSessions(tmp_path)
    earlier.keep(SessionState(bpm=99.0))
    (good,) = earlier.paths()
    os.utime(good, ns=(1, 1))
    (tmp_path / "damaged.technogan").write_bytes(b"PK")
    found = earlier.newest_good()
    assert found is not None
    assert (found[0].bpm, found[1]) == (99.0, good)
    assert EarlierSessions(tmp_path / "none").newest_good() is None
