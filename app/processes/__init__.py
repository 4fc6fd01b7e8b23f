"""Exchange data with child processes, without Qt."""
