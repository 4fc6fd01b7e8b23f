"""The dataset and training wizards: windows over the commands `technogan dataset` and `technogan train`."""
