"""The user's preferences, and the folders that the instrument keeps its files in."""
