"""Accounts as a table, Markdown, HTML or JSON.

Begin with ``markdown``.
"""
