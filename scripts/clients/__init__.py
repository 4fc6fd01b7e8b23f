"""Writes the patches in `resources/clients/`: `python -m scripts.clients`.

The patches are programs with hundreds of boxes that differ in a number only. Here they are said once; the files are the
result, and a test holds that they are the same.
"""
