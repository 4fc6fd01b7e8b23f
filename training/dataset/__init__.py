"""Convert sounds to datasets of spectrogram images, and check them."""
