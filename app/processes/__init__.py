"""Exchange of data with child processes. Free of Qt."""
