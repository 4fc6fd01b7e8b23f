"""The session: everything that a musician has made and set, how it is saved and how it is recovered."""
