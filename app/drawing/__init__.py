"""Data to draw, without Qt: colour maps, spectrogram levels, waveform peaks and band levels."""
