"""Small widgets, one a file: layout and painting only. They take values and emit what was asked for."""
