"""Training runs: generator and discriminator, the encoder of a trained generator, and the files of a run."""
