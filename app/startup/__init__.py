"""Start of the window, its error log, and the self-test of an installation."""
