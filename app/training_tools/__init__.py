"""The training tools: the Python environment that runs dataset and training commands, and its installation."""
