"""The files that loops are read from: seed files, spectrogram pictures and sounds."""
