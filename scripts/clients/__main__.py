"""Regenerate the client patches: `python -m scripts.clients [FOLDER]`."""

import sys
from pathlib import Path

from scripts.clients.files import FOLDER, client_files


def main() -> None:
    """Write every file to the folder, by default `resources/clients`."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    for name, content in client_files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        print(path)


if __name__ == "__main__":
    main()
