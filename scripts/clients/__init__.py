"""Generate the patches in `resources/clients/`: `python -m scripts.clients`.

The patches contain hundreds of boxes that differ in a number only. These modules define each kind once; a test checks
that the files match.
"""
