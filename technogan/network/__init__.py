"""Model files and the networks inside them: find, open, verify, write and run a generator or its encoder."""
