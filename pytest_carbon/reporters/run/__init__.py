"""The report of one run: the table on the terminal and the JSON file.

Begin with ``terminal``.
"""
