"""Tools that build the figures, pictures, sounds and reference pages of the documents."""
