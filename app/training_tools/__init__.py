"""Where the dataset and training commands run: in this environment, or in one that is made for them."""
