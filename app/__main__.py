"""`python -m app` is the `technogan` command, and what the bundle starts."""

import multiprocessing

if __name__ == "__main__":
    # A child of a frozen program ends here: before anything else is imported.
    multiprocessing.freeze_support()

    from app.cli import main

    main()
