"""The dataset wizard: from your own tracks to a dataset that a network can be trained on."""
