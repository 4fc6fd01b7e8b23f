"""Seeds, the slider values behind a loop: paths between them, and the origin that files store."""
