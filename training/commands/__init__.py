"""The commands for datasets, training, evaluation and export."""
