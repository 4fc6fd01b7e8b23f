"""The instrument: the console entry point, the window, and the sound."""
