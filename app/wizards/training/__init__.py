"""The training wizard: from a dataset to a model that the instrument plays."""
