"""technogan bench (being filled in)."""


def bench() -> None:
    """Bench."""
