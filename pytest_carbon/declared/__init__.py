"""Reads from a project's files which systems and devices it supports; runs nothing.

Begin with ``read_project``; each other module reads one kind of file.
"""
