"""The static page: files, tables, charts and badges.

Begin with ``pages``.
"""
