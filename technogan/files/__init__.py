"""Read seeds, spectrogram pictures and sounds from files, and write pictures."""
