from technogan.run_folder import format_duration


def test_durations_count_hours_on_from_an_hour():
    assert format_duration(3723.9) == "1:02:03"
