"""How long something has taken."""

from technogan.run_folder import clock


def test_a_clock_does_not_end_at_an_hour():
    assert clock(3723.9) == "1:02:03"
