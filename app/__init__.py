"""The instrument: the console entry point and, above the core, everything that a musician sees and hears."""
