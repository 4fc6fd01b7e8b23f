"""The dataset and training wizards: thin faces over the commands of the same names."""
