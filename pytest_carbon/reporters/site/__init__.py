"""The static site: pages, tables, charts and badges.

Begin with ``pages``.
"""
