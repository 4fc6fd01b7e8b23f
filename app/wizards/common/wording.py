"""Times, sizes and counts as the wizards show them."""


def approximate_duration(seconds: float) -> str:
    """Return a rounded duration: 40 s, 12 min, 3.0 h, 4 days."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 90 * 60:
        return f"{round(seconds / 60)} min"
    hours = seconds / 3600
    if hours < 36:
        return f"{hours:.1f} h" if hours < 10 else f"{round(hours)} h"
    return f"{round(hours / 24)} days"


def format_playing_time(seconds: float) -> str:
    """Return the length of a sound: 3:05, or 1:02:03."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def format_time_left(seconds: float) -> str:
    """Return the remaining time, rounded: about 10 minutes left."""
    if seconds < 10:
        return "a few seconds left"
    if seconds < 90:
        return f"about {round(seconds, -1):.0f} seconds left"
    if seconds < 5400:
        return f"about {seconds / 60:.0f} minutes left"
    return f"about {seconds / 3600:.1f} hours left"


def format_size(n_bytes: float) -> str:
    """Return a size in bytes, kB, MB or GB."""
    for unit in ("bytes", "kB", "MB"):
        if n_bytes < 1000:
            return f"{n_bytes:.0f} {unit}"
        n_bytes /= 1000
    return f"{n_bytes:.1f} GB"


def format_count(n: int, noun: str) -> str:
    """Return a number with its noun: 1 track, 3 tracks."""
    return f"{n:,} {noun}{'s' * (n != 1)}".replace(",", " ")
