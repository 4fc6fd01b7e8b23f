"""Tools that freeze the instrument and pack it for download."""
