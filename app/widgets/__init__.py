"""Small widgets, one per file. They lay out and paint, show the values they are given, and emit what users request."""
