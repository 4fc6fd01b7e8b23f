"""`python -m app` is the `technogan` command. The bundle starts here."""

import multiprocessing

if __name__ == "__main__":
    # A child process of the bundle runs in here and never returns, so nothing else may be imported before.
    multiprocessing.freeze_support()

    from app.cli import main

    main()
