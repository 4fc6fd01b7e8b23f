"""From songs to a model: prepare a dataset, train a network on it, and export the model."""
