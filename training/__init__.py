"""From songs to a model: the tools that prepare a dataset and train the network on it."""
