"""Phase reconstruction: from a magnitude to samples."""
