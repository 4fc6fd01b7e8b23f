"""Numbers behind the drawings: colour maps, spectrogram levels, waveform peaks and band levels, without Qt."""
