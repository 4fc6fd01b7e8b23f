"""OSC for other programs: the service in the window, and `technogan serve` without it."""
