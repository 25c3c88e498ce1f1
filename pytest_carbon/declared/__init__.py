"""Reads from the files of a project which systems and devices it supports; runs nothing.

Begin with ``read_project``; ``files_at_commit`` gets the files, and most other modules read one kind of file.
"""
