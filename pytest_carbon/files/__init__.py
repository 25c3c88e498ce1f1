"""Reads and writes files at paths that a project, a user or the environment names. Trusts neither the file nor links.

Begin with ``follow_links``, then ``read_bounded`` and ``write_safely``.
"""
